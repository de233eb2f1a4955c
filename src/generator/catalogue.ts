import type { PageTitles } from './locales.ts';

/** What the shop sells; the price is in the currency of whoever buys. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly price: number;
}

/** What its radio plays. */
export interface Song {
  readonly title: string;
  readonly artist: string;
  readonly genre: string;
  readonly durationMs: number;
}

export const products: readonly Product[] = [
  { id: 'P-1001', name: 'Burr Grinder', category: 'kitchen', brand: 'Northwind', price: 129 },
  { id: 'P-1002', name: 'Pour-over Set "Slow Morning"', category: 'kitchen', brand: 'Northwind', price: 39.9 },
  { id: 'P-1003', name: 'Cast-iron Skillet, 26 cm', category: 'kitchen', brand: 'Ember & Oak', price: 54.5 },
  { id: 'P-1004', name: 'Crêpe Pan', category: 'kitchen', brand: 'Ember & Oak', price: 32 },
  { id: 'P-2001', name: 'Linen Throw', category: 'home', brand: 'Fjällhem', price: 79.95 },
  { id: 'P-2002', name: 'Desk Lamp Läsa', category: 'home', brand: 'Fjällhem', price: 64 },
  { id: 'P-2003', name: 'Tatami Mat 畳', category: 'home', brand: 'Kumo', price: 219 },
  { id: 'P-2004', name: 'Candle, 3 × 120 g', category: 'home', brand: 'Kumo', price: 24.99 },
  { id: 'P-3001', name: 'Rain Jacket', category: 'outdoor', brand: 'Tramuntana', price: 189 },
  { id: 'P-3002', name: 'Day Pack 18 l', category: 'outdoor', brand: 'Tramuntana', price: 95 },
  { id: 'P-3003', name: 'Enamel Mug 🏔️', category: 'outdoor', brand: 'Ember & Oak', price: 14.5 },
  { id: 'P-3004', name: 'Head Torch 400 lm', category: 'outdoor', brand: 'Lumo', price: 49 },
  { id: 'P-4001', name: 'Over-ear Headphones', category: 'audio', brand: 'Lumo', price: 249 },
  { id: 'P-4002', name: 'Radio Señal', category: 'audio', brand: 'Lumo', price: 119.5 },
  { id: 'P-4003', name: 'Turntable', category: 'audio', brand: 'Kumo', price: 399 },
  { id: 'P-4004', name: 'USB-C Cable, 2 m', category: 'audio', brand: 'Lumo', price: 9.99 },
];

export const songs: readonly Song[] = [
  { title: 'Paper Lanterns', artist: 'The Quiet Harbour', genre: 'indie', durationMs: 214_000 },
  { title: 'Kilometre Zero', artist: 'Ana & the Tides', genre: 'pop', durationMs: 187_500 },
  { title: '雨の日のバス停', artist: '夏雲', genre: 'pop', durationMs: 243_000 },
  { title: 'Нічний потяг', artist: 'Сусіди', genre: 'rock', durationMs: 265_300 },
  { title: 'Quand même', artist: 'Élise Moreau', genre: 'chanson', durationMs: 198_000 },
  { title: 'Straße nach Süden', artist: 'Graue Möwe', genre: 'rock', durationMs: 231_000 },
  { title: 'Saudade em Fá', artist: 'Trio Araucária', genre: 'jazz', durationMs: 312_400 },
  { title: 'ليل القاهرة', artist: 'نور', genre: 'classical', durationMs: 418_000 },
  { title: '"Untitled" (live)', artist: 'DJ Nullpointer', genre: 'electronic', durationMs: 371_200 },
  { title: '🌊🌊🌊', artist: 'Wavetable', genre: 'electronic', durationMs: 156_000 },
];

/** The pages of the site: each path with the title that goes with it. */
export const pages: readonly { readonly path: string; readonly title: keyof PageTitles }[] = [
  { path: '/', title: 'home' },
  { path: '/shop', title: 'catalogue' },
  { path: '/shop/new', title: 'catalogue' },
  { path: '/pricing', title: 'pricing' },
  { path: '/account/orders', title: 'account' },
  { path: '/help/shipping-and-returns', title: 'help' },
];

export const genres: readonly string[] = ['indie', 'pop', 'rock', 'chanson', 'jazz', 'classical', 'electronic'];
export const sizes: readonly string[] = ['S', 'M', 'L', 'one size'];
export const colours: readonly string[] = ['black', 'ivory', 'sage', 'naïve blue'];
export const campaigns: readonly string[] = ['spring_sale', 'newsletter-12', 'brand_search', 'café_partners'];
export const companies: readonly string[] = ['Acme GmbH', 'Globex', 'Initech, Inc.', 'Hooli', '株式会社サクラ'];
