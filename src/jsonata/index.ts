/** The face of the expression language: everything else in the project reaches JSONata through this file. */
export { compile } from './compile.ts';
export { ExpressionError } from './errors.ts';
export type { Bindings, CompiledExpression, Truth } from './face.ts';
export { lint, type Lint } from './lint.ts';
export { type FieldPath, readsOf } from './reads.ts';
