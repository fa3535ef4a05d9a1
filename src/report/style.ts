/** One style for all pages; it stands in the page, since a page has to open without a network. */
export const pageStyle = `
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
`
