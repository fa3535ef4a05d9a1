import{createRequire as tuesdayRequire}from'node:module';const require=tuesdayRequire(import.meta.url);
import{a as e}from"./chunk-FADI7CTT.js";import"./chunk-GGDD2HFY.js";import"./chunk-YVTNPM5H.js";export{e as getIDToken};
