/** The face of the expression language: everything else in the project reaches JSONata through this file. */
export { compile, ExpressionError, type Bindings, type CompiledExpression } from './compile.ts';
