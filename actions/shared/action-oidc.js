import{createRequire as tuesdayRequire}from'node:module';const require=tuesdayRequire(import.meta.url);
import{l as e}from"./chunk-CQJCWHMS.js";import"./chunk-GGDD2HFY.js";import"./chunk-YVTNPM5H.js";export{e as getIDToken};
