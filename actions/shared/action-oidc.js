import{createRequire as tuesdayRequire}from'node:module';const require=tuesdayRequire(import.meta.url);
import{n as e}from"./chunk-T7UX7WTQ.js";import"./chunk-54AZT2EG.js";import"./chunk-YVTNPM5H.js";export{e as getIDToken};
