/** The report's look: one file without anything to fetch, in the reader's own theme, and on paper. */
export const style = `
:root{color-scheme:light dark;
--paper:light-dark(#fcfbf8,#16181c);--ink:light-dark(#1d1c1a,#eceae5);--quiet:light-dark(#5d5a54,#a7a49c);--rule:light-dark(#e3dfd6,#2c3038);
--card:light-dark(#f4f1ea,#1d2026);--first:light-dark(#1f5fa8,#7db4f2);--second:light-dark(#b4540a,#f0a35e);--third:light-dark(#b3261e,#ff8f86);--good:light-dark(#1e6b3c,#7fd39d)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:78rem;margin:0 auto;padding:clamp(1.5rem,4vw,4rem) clamp(1rem,4vw,3rem)}
h1{font-size:clamp(1.9rem,4.5vw,3.1rem);line-height:1.08;letter-spacing:-.025em;margin:0 0 .6rem;font-weight:650;text-wrap:balance}
h2{font-size:1.3rem;letter-spacing:-.01em;margin:3.2rem 0 1rem;font-weight:620}
h3{font-size:1rem;margin:0 0 .15rem;font-weight:620}
p{margin:.3rem 0;max-width:68ch}.quiet{color:var(--quiet)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,8.2rem),1fr));gap:1.6rem 1.5rem;margin:2.4rem 0 0;padding:1.6rem 0;border-block:1px solid var(--rule)}
.facts dt{color:var(--quiet);font-size:.86rem}.facts dd{margin:.1rem 0 0;font-size:1.75rem;line-height:1.15;letter-spacing:-.02em;font-weight:600}
.facts small{display:block;font-size:.82rem;font-weight:400;letter-spacing:0;color:var(--quiet);margin-top:.2rem}
.verdicts{list-style:none;margin:0;padding:0;border-top:1px solid var(--rule)}
.verdicts li{display:grid;grid-template-columns:7.2rem 1fr auto;gap:.2rem 1.2rem;padding:.75rem 0;border-bottom:1px solid var(--rule);align-items:baseline}
.verdicts .says{font-weight:620}.held .says{color:var(--good)}.broken .says{color:var(--third)}.unseen .says{color:var(--quiet);font-weight:400}
.verdicts .fact{grid-column:2;color:var(--quiet);font-size:.92rem}.verdicts .id{color:var(--quiet);font-size:.86rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:2.6rem 3rem}
figure{margin:0;min-width:0;break-inside:avoid}figcaption p{font-size:.92rem;margin:0 0 .6rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--quiet);font-size:13px}.rule{stroke:var(--rule);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.line.second{stroke-dasharray:6 4}.line.third{stroke-dasharray:2 3}
.first{stroke:var(--first)}.second{stroke:var(--second)}.third{stroke:var(--third)}
.area{stroke:none;opacity:.14}.area.first{fill:var(--first)}.area.second{fill:var(--second)}
.bar{stroke:none}.bar.first{fill:var(--first)}.bar.third{fill:var(--third)}.bar.pale{fill:var(--first);opacity:.32}
.range{stroke-width:3;stroke-linecap:round;opacity:.55}.dot{stroke:none}.dot.first{fill:var(--first)}.dot.second{fill:var(--second)}.dot.third{fill:var(--third)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:.5rem 0 0;font-size:.88rem;color:var(--quiet)}
.legend svg{display:inline-block;width:26px;height:10px;margin-right:.45rem;vertical-align:middle}
details{margin-top:.5rem;font-size:.88rem}summary{color:var(--quiet);cursor:pointer;padding:.35rem 0}
summary:focus-visible,a:focus-visible{outline:2px solid var(--first);outline-offset:3px}
.scroll{overflow-x:auto;max-height:22rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:right;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--rule);font-weight:400;white-space:nowrap}
th:first-child,td:first-child{text-align:left}thead th{color:var(--quiet);font-size:.84rem}td.words{text-align:left;white-space:normal;color:var(--quiet)}
.plain{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:0 3rem;align-items:start}.plain td{white-space:normal}.plain td:first-child{padding-right:1.2rem}
footer{margin-top:3.5rem;padding-top:1.2rem;border-top:1px solid var(--rule);color:var(--quiet);font-size:.88rem}
@media(max-width:34rem){.verdicts li{grid-template-columns:1fr auto}.verdicts .promise,.verdicts .fact{grid-column:1/-1}.verdicts .id{grid-row:1;grid-column:2}}
@media print{:root{color-scheme:light}body{font-size:11pt}main{padding:0;max-width:none}details{display:none}.charts{grid-template-columns:1fr 1fr;gap:1.2rem 1.6rem}h2{margin-top:1.6rem;break-after:avoid}.verdicts li{break-inside:avoid}}
`;
