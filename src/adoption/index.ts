/** How a service begins: what its repository says, a tuesday.yaml made of it, and the workflows that call the suite. */
export { callers } from './callers.ts'
export { type Conclusion, conclude } from './conclude.ts'
export { look } from './look.ts'
export type { Sight } from './sight.ts'
export { configText } from './write.ts'
