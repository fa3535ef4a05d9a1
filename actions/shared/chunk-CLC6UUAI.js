import{createRequire as tuesdayRequire}from'node:module';const require=tuesdayRequire(import.meta.url);
import{f as v,g as x}from"./chunk-JX5D3RPH.js";import{j as b}from"./chunk-AG5CBTUP.js";var j={steady:"steady",migrating:"migrating the database",migrated:"migrated",pinned:"canary","canary-passed":"canary passed",following:"other workloads follow",baking:"baking","rolling-back":"rolling back"};function $(t,e){return e.train.order.map(n=>{let r=v(t,n);return r===void 0?{region:n,mark:"waiting",phase:"not adopted",runs:"-",since:"-"}:{region:n,mark:C(t,r),phase:r.hold===void 0?j[r.phase]:`held by ${r.hold.by}: ${r.hold.reason}`,runs:P(t,r),since:r.since}})}function C(t,e){if(e.hold!==void 0)return"held";if(e.phase==="rolling-back")return"back";if(e.phase!=="steady")return"moving";let n=t.train?.release??`r${t.releaseCount}`;return e.verified.at(-1)?.release===n&&H(t,e,n)?"done":"waiting"}function H(t,e,n){let r=x(t,n);return r!==void 0&&Object.values(e.pins?.workloads??{}).every(d=>d===r.digest)}function P(t,e){let n=[...new Set(Object.values(e.pins?.workloads??{}))];return n.length===0?"-":n.map(r=>O(t,r)).join(" and ")}function O(t,e){let n=Object.values(t.releases).findLast(r=>r.digest===e);return n===void 0?b(e):`${n.id} ${b(e)}`}var q={done:"✅",moving:"🚂",back:"↩️",waiting:"⏳",held:"✋"};function z(t,e,n){let{train:r,queue:d,halt:a}=t,c=r===void 0?void 0:x(t,r.release),l=[c===void 0?`**${e.service}**: no train.`:`**${e.service} ${c.id}** \`${b(c.digest)}\`, proposed by ${u(r?.proposedBy??"")}, ${r?.approvals.length??0} of ${e.approvals.required} approvals.`,"","| | region | phase | runs | since |","|---|---|---|---|---|",...$(t,e).map(s=>`| ${q[s.mark]} | ${s.region} | ${u(s.phase)} | ${s.runs} | ${s.since} |`),"",u(n.why)+(n.until===void 0?"":` Next at ${T(e,n.until)}.`)];return d!==void 0&&l.push("",`${d.release} waits behind it.`),a!==void 0&&l.push("",`**Halted** by ${u(a.by)} at ${a.at}: ${u(a.why)}`),l.join(`
`)}function T(t,e){let n=e.toLocaleString("en-GB",{timeZone:t.train.timezone,dateStyle:"medium",timeStyle:"short"});return`${e.toISOString()} (${n} ${t.train.timezone})`}function u(t){return t.replace(/\s+/g," ").replace(/[\\`*_{}[\]<>|#@~]/g,e=>`&#${e.charCodeAt(0)};`)}function y(t,e,n){return o`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${t}</title>
<style>${F(e)}</style>
</head>
<body>
${n}
</body>
</html>
`.toString()}function F(t){return{markup:t,toString:()=>t}}function o(t,...e){return F(t.reduce((n,r,d)=>n+A(e[d-1]??"")+r))}function A(t){return typeof t=="string"?I(t):"markup"in t?t.markup:t.map(e=>e.markup).join("")}var B={"&":"&amp;","<":"&lt;",">":"&gt;",'"':"&quot;","'":"&#39;"};function I(t){return t.replace(/[&<>"']/g,e=>B[e]??e)}var w=`
body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1c2530;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #dde3ea;vertical-align:top}
code{font:.85em ui-monospace,monospace}
.note{color:#556}.halt{background:#fdecea;border-left:4px solid #c0392b;padding:.5rem .75rem}
tr.done td:first-child{border-left:4px solid #2e8b57}tr.moving td:first-child{border-left:4px solid #2b6cb0}
tr.back td:first-child{border-left:4px solid #c0392b}tr.held td:first-child{border-left:4px solid #b7791f}
tr.bad td{background:#fdf3f2}
table.ledger{font-size:.78rem}table.ledger td:nth-child(2),table.ledger td:nth-child(3),table.ledger td:nth-child(4),table.ledger td code{white-space:nowrap}
svg{max-width:100%;height:auto;display:block;margin:.5rem 0}
svg text{font:12px system-ui,sans-serif;fill:#445}
.chip{display:block;margin:1px 0;padding:0 .35rem;border-radius:3px;background:#eef1f5;white-space:nowrap}
.chip.done{background:#d8f0e0}.chip.moving{background:#dce9f7}.chip.back{background:#f9d9d6}.chip.held{background:#fbecc8}
.chip.expected{background:none;border:1px dashed #9ab}
table.days th,table.days td{border:1px solid #dde3ea}
`;function _(t){let{config:e,state:n,why:r,until:d,gates:a,tables:c,now:l}=t,{halt:s,queue:g}=n,m=`${e.service}${n.train===void 0?"":` ${n.train.release}`}`;return y(m,w,o`<h1>${m}</h1>
<p class="note">As of ${l.toISOString()}. ${r}${d===void 0?"":` Next at ${d.toISOString()}.`}</p>
${s===void 0?"":o`<p class="halt">Halted by ${s.by} at ${s.at}: ${s.why}</p>`}
${g===void 0?"":o`<p class="note">${g.release} waits behind it.</p>`}
<h2>Days</h2>
${L(t)}
<h2>Regions</h2>
${k(["region","phase","runs","since"],$(n,e).map(i=>[i.region,i.phase,i.runs,i.since]))}
<h2>Checklist</h2>
${a.length===0?o`<p>Nothing is asked of now.</p>`:k(["gate","region","verdict","why"],a.map(i=>[i.name,i.region,i.verdict,i.why]))}
${c.map(({title:i,rows:[h=[],...p]})=>o`<h2>${i}</h2>${k(h,p)}`)}`)}function k(t,e){return o`<table><thead><tr>${t.map(n=>o`<th>${n}</th>`)}</tr></thead><tbody>${e.map(n=>o`<tr>${n.map(r=>o`<td>${r}</td>`)}</tr>`)}</tbody></table>`}var N={started:{word:"starts",kind:"moving"},live:{word:"serves",kind:"moving"},verified:{word:"verified",kind:"done"},"canary-failed":{word:"canary failed",kind:"back"},"migration-failed":{word:"migration failed",kind:"back"},"rollback-started":{word:"goes back",kind:"back"},"rolled-back":{word:"is back",kind:"back"},held:{word:"held",kind:"held"},resumed:{word:"goes on",kind:"moving"}};function L({config:t,state:e,events:n,plan:r,now:d}){let a=t.train.timezone,c=e.train?.proposedAt,l=new Map(t.train.order.map(i=>[String(i),[]]));for(let i of n){let h=N[i.type];h===void 0||!("region"in i)||c===void 0||i.at<c||l.get(i.region)?.push({...S(new Date(i.at),a),...h,title:i.id})}let s="stops"in r?r.stops:[];for(let{region:i,at:h,actual:p,local:f}of s)p||l.get(i)?.push({...S(h,a),word:"expected",kind:"expected",title:f});let g=Z([...l.values()].flat(),S(d,a).day),m=s.flatMap(({region:i,slips:h})=>h.map(({day:p,why:f})=>`${i} ${p}: ${f}`));return o`<table class="days">
<thead><tr><th>${a}</th>${g.map(i=>o`<th>${E(i)}<br>${i}</th>`)}</tr></thead>
<tbody>
${[...l].map(([i,h])=>o`<tr><th>${i}</th>${g.map(p=>o`<td>${h.filter(f=>f.day===p).map(({time:f,word:M,kind:R,title:D})=>o`<span class="chip ${R}" title="${D}">${f} ${M}</span>`)}</td>`)}</tr>
`)}</tbody>
</table>
${"without"in r?o`<p class="note">No prediction: ${r.without}</p>`:""}
${m.length===0?"":o`<ul class="note">${m.map(i=>o`<li>${i}</li>`)}</ul>`}`}function Z(t,e){let n=[...t.map(({day:c})=>c),e].sort(),r=Date.parse(n[0]??e),d=Date.parse(n.at(-1)??e),a=Math.min(31,Math.round((d-r)/864e5)+1);return Array.from({length:a},(c,l)=>new Date(d-(a-1-l)*864e5).toISOString().slice(0,10))}function S(t,e){let n=new Intl.DateTimeFormat("en-CA",{timeZone:e,year:"numeric",month:"2-digit",day:"2-digit"}),r=new Intl.DateTimeFormat("en-GB",{timeZone:e,hour:"2-digit",minute:"2-digit",hourCycle:"h23"});return{day:n.format(t),time:r.format(t)}}function E(t){return["Sun","Mon","Tue","Wed","Thu","Fri","Sat"][new Date(`${t}T00:00:00Z`).getUTCDay()]??""}export{y as a,o as b,$ as c,z as d,_ as e};
