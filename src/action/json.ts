/** What an output or a result may hold: exactly what survives JSON. `undefined` properties are left out. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }
