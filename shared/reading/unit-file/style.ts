// The look of a dossier: on paper A4 with page numbers, on a screen a sheet in the middle. No font, image or script is
// fetched from anywhere.
export const DOSSIER_STYLE = `
@page { size: A4; margin: 18mm 16mm 18mm 18mm;
  @bottom-center { content: "第 " counter(page) " 页 / 共 " counter(pages) " 页"; font: 8pt "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #555; }
  @top-right { content: string(unit); font: 8pt "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #555; } }
:root { --ink: #1b1f24; --dim: #5c6670; --line: #c9ced4; --soft: #f3f5f7; --accent: #7a1f1f; --warn: #fbf3e2; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: #e7e9ec;
  font: 10.5pt/1.65 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 210mm; margin: 8mm auto; padding: 18mm 16mm; background: #fff; box-shadow: 0 1px 6px rgb(0 0 0 / 20%); }
h1, h2, h3 { font-family: "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, serif; line-height: 1.35; break-after: avoid; }
h1 { margin: 0; font-size: 24pt; letter-spacing: 0.3em; text-align: center; color: var(--accent); }
h2 { margin: 9mm 0 3mm; padding-bottom: 1mm; border-bottom: 1.5pt solid var(--accent); font-size: 14.5pt; }
h2 .count { float: right; font: 9pt/2 inherit; color: var(--dim); font-weight: normal; }
h3 { margin: 5mm 0 1.5mm; font-size: 11.5pt; }
p { margin: 1.5mm 0; }
.cover { text-align: center; padding-bottom: 5mm; border-bottom: 0.5pt solid var(--line); }
.cover .unit { margin: 5mm 0 1mm; font: 17pt/1.4 "Noto Serif CJK SC", "Songti SC", SimSun, serif; string-set: unit content(); }
.cover .when { color: var(--dim); }
.known { margin: 4mm 0; padding: 2mm 3mm; background: var(--soft); border-left: 2.5pt solid var(--accent); font-size: 9.5pt; text-align: left; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0; margin: 4mm 0; border: 0.5pt solid var(--line); border-width: 0.5pt 0 0 0.5pt; }
.figures div { padding: 2mm; border: 0.5pt solid var(--line); border-width: 0 0.5pt 0.5pt 0; text-align: center; break-inside: avoid; }
.figures b { display: block; font: 17pt/1.25 "Noto Serif CJK SC", Georgia, serif; font-variant-numeric: tabular-nums; }
.figures .bad b { color: var(--accent); }
.figures span { font-size: 8.5pt; color: var(--dim); }
nav ol { margin: 2mm 0; padding: 0; list-style: none; columns: 2; font-size: 9.5pt; }
nav a { color: inherit; text-decoration: none; display: flex; justify-content: space-between; gap: 2mm; border-bottom: 0.5pt dotted var(--line); }
table { width: calc(100% - 0.6pt); margin: 2mm 0 3mm; border-collapse: collapse; font-size: 8.8pt; line-height: 1.5; }
thead { display: table-header-group; }
th { padding: 1mm 1.4mm; background: var(--soft); border: 0.5pt solid var(--line); font-weight: 600; text-align: left; white-space: nowrap; }
td { padding: 1mm 1.4mm; border: 0.5pt solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
tr { break-inside: avoid; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.pos { width: 15mm; font-size: 8pt; }
td.narrow { white-space: nowrap; }
td.who { width: 26mm; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.6mm 3mm; margin: 2mm 0; font-size: 9.5pt; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
a.p { color: #23527c; text-decoration: none; font: 8pt ui-monospace, Consolas, monospace; }
span.p { color: var(--dim); font: 8pt ui-monospace, Consolas, monospace; }
.tag { display: inline-block; padding: 0 1.2mm; border: 0.5pt solid currentcolor; border-radius: 1mm; font-size: 7.8pt; line-height: 1.45; white-space: nowrap; }
.bad { color: var(--accent); }
.dim { color: var(--dim); }
.none { color: var(--dim); font-style: normal; }
.hazard { margin: 4mm 0 0; }
.hazard > h3 { padding: 1mm 2mm; background: var(--soft); border-left: 2pt solid var(--dim); }
.hazard.open > h3 { border-left-color: var(--accent); }
.line { display: block; }
.line + .line { margin-top: 0.5mm; }
code, pre { font: 8.3pt/1.5 ui-monospace, Consolas, "Noto Sans Mono CJK SC", monospace; }
pre { margin: 2mm 0; padding: 2mm 3mm; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 8mm; padding-top: 2mm; border-top: 0.5pt solid var(--line); font-size: 8.5pt; color: var(--dim); }
tr.day td { background: var(--warn); font-weight: 600; }
@media screen and (max-width: 60em) { main { margin: 0; padding: 6mm 4mm; box-shadow: none; } .figures { grid-template-columns: repeat(2, 1fr); } nav ol { columns: 1; } table { display: block; overflow-x: auto; } }
@media print { body { background: none; font-size: 10pt; } main { max-width: none; margin: 0; padding: 0; box-shadow: none; } a { color: inherit !important; } h2 { break-after: avoid; } }
`;
