/** What is the same for all people of a place: where they live, what they are called, what they read. */
export interface Locale {
  /** As SDKs send it; Amplitude stores `language` instead. */
  readonly tag: string;
  readonly language: string;
  readonly country: string;
  readonly currency: string;
  readonly carrier: string;
  readonly cities: readonly City[];
  readonly givenNames: readonly string[];
  readonly familyNames: readonly string[];
  readonly titles: PageTitles;
  /** Sentences that reviews are made of. */
  readonly sentences: readonly string[];
  readonly searches: readonly string[];
}

export interface City {
  readonly city: string;
  readonly region: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface PageTitles {
  readonly home: string;
  readonly catalogue: string;
  readonly pricing: string;
  readonly account: string;
  readonly help: string;
}

/** Several scripts, both writing directions, combining marks, letters outside the basic plane, quotes and emoji. */
export const locales: readonly Locale[] = [
  {
    tag: 'en-US',
    language: 'English',
    country: 'United States',
    currency: 'USD',
    carrier: 'Verizon',
    cities: [
      { city: 'San Francisco', region: 'California', latitude: 37.7749, longitude: -122.4194 },
      { city: 'Austin', region: 'Texas', latitude: 30.2672, longitude: -97.7431 },
      { city: "Coeur d'Alene", region: 'Idaho', latitude: 47.6777, longitude: -116.7805 },
    ],
    givenNames: ['Ava', 'Liam', 'Noah', 'Maya', 'Zoë'],
    familyNames: ["O'Neill", 'Johnson', 'Smith-Jones', 'Garcia', 'Nguyen'],
    titles: {
      home: 'Home | Northwind',
      catalogue: 'Everything for "slow" mornings',
      pricing: 'Plans & pricing',
      account: 'Your account',
      help: 'How can we help? 🙋',
    },
    sentences: [
      'Arrived in two days and works "as advertised", which I did not expect at this price.',
      "It's the third one we own; the hinge on the first broke after 18 months.\nSupport replaced it at once. 🎉",
      'Path to the manual on my machine: C:\\Users\\ava\\manual.pdf <no page 7?>.',
    ],
    searches: ['espresso grinder', 'gift < $50', '"cast iron"'],
  },
  {
    tag: 'de-DE',
    language: 'German',
    country: 'Germany',
    currency: 'EUR',
    carrier: 'Telekom',
    cities: [
      { city: 'München', region: 'Bayern', latitude: 48.1374, longitude: 11.5755 },
      { city: 'Köln', region: 'Nordrhein-Westfalen', latitude: 50.9375, longitude: 6.9603 },
    ],
    givenNames: ['Jürgen', 'Zoë', 'Anneliese', 'Björn'],
    familyNames: ['Müller', 'Weiß', 'Größmann', 'von der Heide'],
    titles: {
      home: 'Startseite',
      catalogue: 'Frühstück für Genießer',
      pricing: 'Preise und Tarife',
      account: 'Mein Konto',
      help: 'Häufige Fragen',
    },
    sentences: [
      'Schön verarbeitet, aber die Bedienungsanleitung fehlt; „Plug and Play“ ist anders.',
      'Größe passt, Farbe weicht vom Foto ab – für 49,90 € trotzdem in Ordnung.',
    ],
    searches: ['kaffeemühle', 'geschenk für väter', 'größe 42½'],
  },
  {
    tag: 'fr-FR',
    language: 'French',
    country: 'France',
    currency: 'EUR',
    carrier: 'Orange',
    cities: [
      { city: 'Paris', region: 'Île-de-France', latitude: 48.8566, longitude: 2.3522 },
      { city: 'Orléans', region: 'Centre-Val de Loire', latitude: 47.9029, longitude: 1.9039 },
    ],
    givenNames: ['Élodie', 'François', 'Chloé', 'Anaïs'],
    familyNames: ["L'Hôpital", 'Lefèvre', 'Le Gall', 'Dubois'],
    titles: {
      home: 'Accueil',
      catalogue: 'Tout pour le petit déjeuner',
      pricing: 'Nos tarifs',
      account: 'Mon compte',
      help: 'Besoin d’aide ?',
    },
    sentences: [
      'Très bon produit, livré « à l’heure » et bien emballé.',
      'Un peu bruyant le matin, mais le goût est là : je recommande à 100 % !',
    ],
    searches: ['moulin à café', 'idée cadeau noël'],
  },
  {
    tag: 'pt-BR',
    language: 'Portuguese',
    country: 'Brazil',
    currency: 'BRL',
    carrier: 'Vivo',
    cities: [
      { city: 'São Paulo', region: 'São Paulo', latitude: -23.5505, longitude: -46.6333 },
      { city: 'Goiânia', region: 'Goiás', latitude: -16.6869, longitude: -49.2648 },
    ],
    givenNames: ['João', 'Antônia', 'Luís', 'Conceição'],
    familyNames: ['da Silva', 'Gonçalves', 'Araújo', 'Simões'],
    titles: {
      home: 'Início',
      catalogue: 'Promoções da estação',
      pricing: 'Planos e preços',
      account: 'Minha conta',
      help: 'Central de ajuda',
    },
    sentences: [
      'Chegou antes do prazo, a embalagem estava perfeita. Não esperava tanto! 😍',
      'A cor é um pouco diferente da foto, porém a qualidade é ótima.',
    ],
    searches: ['máquina de café', 'promoção até r$ 99'],
  },
  {
    tag: 'ja-JP',
    language: 'Japanese',
    country: 'Japan',
    currency: 'JPY',
    carrier: 'NTT DOCOMO',
    cities: [
      { city: '東京', region: '東京都', latitude: 35.6762, longitude: 139.6503 },
      { city: '京都市', region: '京都府', latitude: 35.0116, longitude: 135.7681 },
    ],
    givenNames: ['さくら', '陽翔', '結衣', '健太'],
    familyNames: ['佐藤', '𠮷田', '髙橋', '渡邉'],
    titles: {
      home: 'ホーム',
      catalogue: '今週のおすすめ ☕',
      pricing: '料金プラン',
      account: 'マイページ',
      help: 'よくあるご質問',
    },
    sentences: [
      '思っていたより軽くて、毎朝使っています。「買ってよかった」と家族も喜んでいます。',
      '梱包がとても丁寧でした。説明書が英語だけなのが少し残念です。',
    ],
    searches: ['コーヒーミル', '誕生日 プレゼント'],
  },
  {
    tag: 'zh-TW',
    language: 'Chinese',
    country: 'Taiwan',
    currency: 'TWD',
    carrier: '中華電信',
    cities: [{ city: '臺北市', region: '臺北市', latitude: 25.033, longitude: 121.5654 }],
    givenNames: ['怡君', '志明', '淑芬'],
    familyNames: ['陳', '林', '歐陽'],
    titles: { home: '首頁', catalogue: '本週精選', pricing: '方案與價格', account: '我的帳戶', help: '常見問題' },
    sentences: ['包裝很用心，使用起來也很順手，「物超所值」。', '顏色和照片有一點差別，但是整體來說很滿意👍🏽。'],
    searches: ['咖啡機', '送禮推薦'],
  },
  {
    tag: 'ko-KR',
    language: 'Korean',
    country: 'South Korea',
    currency: 'KRW',
    carrier: 'SK텔레콤',
    cities: [{ city: '서울', region: '서울특별시', latitude: 37.5665, longitude: 126.978 }],
    givenNames: ['민준', '서연', '지우'],
    familyNames: ['김', '이', '남궁'],
    titles: { home: '홈', catalogue: '이번 주 추천', pricing: '요금제', account: '내 계정', help: '자주 묻는 질문' },
    sentences: [
      '배송이 빨라서 좋았어요. 디자인도 예쁘고 소음도 거의 없습니다.',
      '사진과 색이 조금 다르지만 만족합니다 ㅎㅎ',
    ],
    searches: ['커피 그라인더', '집들이 선물'],
  },
  {
    tag: 'uk-UA',
    language: 'Ukrainian',
    country: 'Ukraine',
    currency: 'UAH',
    carrier: 'Київстар',
    cities: [{ city: 'Київ', region: 'Київ', latitude: 50.4501, longitude: 30.5234 }],
    givenNames: ['Олена', 'Тарас', 'Іван'],
    familyNames: ['Шевченко', "Лук'яненко", 'Ґудзь'],
    titles: {
      home: 'Головна',
      catalogue: 'Новинки тижня',
      pricing: 'Тарифи',
      account: 'Мій кабінет',
      help: 'Допомога',
    },
    sentences: [
      'Якість чудова, доставили вчасно, дякую!',
      'Інструкція лише англійською, але все «інтуїтивно» зрозуміло.',
    ],
    searches: ['кавомолка', 'подарунок мамі'],
  },
  {
    tag: 'ar-EG',
    language: 'Arabic',
    country: 'Egypt',
    currency: 'EGP',
    carrier: 'فودافون',
    cities: [{ city: 'القاهرة', region: 'القاهرة', latitude: 30.0444, longitude: 31.2357 }],
    givenNames: ['محمد', 'فاطمة', 'يوسف'],
    familyNames: ['عبد الرحمن', 'الشافعي', 'حسن'],
    titles: { home: 'الرئيسية', catalogue: 'عروض الأسبوع', pricing: 'الأسعار', account: 'حسابي', help: 'المساعدة' },
    sentences: ['المنتج ممتاز ووصل في الموعد، شكرًا لكم.', 'اللون مختلف قليلًا عن الصورة، لكن الجودة جيدة جدًا 👌.'],
    searches: ['مطحنة قهوة', 'هدية'],
  },
  {
    tag: 'hi-IN',
    language: 'Hindi',
    country: 'India',
    currency: 'INR',
    carrier: 'Jio',
    cities: [{ city: 'मुंबई', region: 'महाराष्ट्र', latitude: 19.076, longitude: 72.8777 }],
    givenNames: ['आरव', 'प्रिया', 'अनन्या'],
    familyNames: ['शर्मा', 'पटेल', 'कृष्णन'],
    titles: { home: 'मुखपृष्ठ', catalogue: 'इस सप्ताह के ऑफ़र', pricing: 'मूल्य', account: 'मेरा खाता', help: 'सहायता' },
    sentences: ['बहुत अच्छा उत्पाद है, समय पर मिल गया।', 'रंग तस्वीर से थोड़ा अलग है, पर गुणवत्ता बढ़िया है 🙏.'],
    searches: ['कॉफ़ी मशीन', 'उपहार'],
  },
];
