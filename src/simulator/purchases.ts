/** Purchase objects (https://www.braze.com/docs/api/objects_filters/purchase_object). */
import { isCurrency } from './currencies.ts';
import { readTarget, type Target } from './identifiers.ts';
import type { JsonObject } from './json.ts';
import { Problem, problems } from './object-errors.ts';
import { type PropertyRules, readProperties } from './properties.ts';
import { readAppId, readTime, type ReadingContext } from './reading.ts';

export interface PurchaseObject {
  readonly kind: 'purchase';
  readonly target: Target;
  readonly productId: string;
  readonly currency: string;
  readonly price: number;
  /** Braze takes a quantity of n as n purchases. */
  readonly quantity: number;
  /** As sent, or the present moment for a time in the future. */
  readonly time: string;
  readonly appId: string | undefined;
  readonly properties: JsonObject;
}

const propertyRules: PropertyRules = {
  reserved: new Set(['time', 'product_id', 'quantity', 'event_name', 'price', 'currency']),
  maxBytes: 51_200,
};

export function readPurchase(object: JsonObject, context: ReadingContext): PurchaseObject | Problem {
  const target = readTarget(object, context.settings.blockedExternalIds);
  if (target instanceof Problem) return target;
  const { product_id: productId, currency, price, quantity = 1 } = object;
  if (typeof productId !== 'string' || productId === '' || productId.length > 255) return problems.productId;
  if (typeof currency !== 'string' || !isCurrency(currency)) return problems.currency;
  if (typeof price !== 'number') return problems.price;
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > 100) {
    return problems.quantity;
  }
  const time = readTime(object['time'], context);
  if (time instanceof Problem) return time;
  const appId = readAppId(object['app_id'], context);
  if (appId instanceof Problem) return appId;
  const properties = readProperties(object['properties'], propertyRules, context.truncations);
  if (properties instanceof Problem) return properties;
  return { kind: 'purchase', target, productId, currency, price, quantity, time, appId, properties };
}
