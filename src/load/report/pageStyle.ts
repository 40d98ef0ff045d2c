/** The style of the page: the colors of the page with live traffic, in light and dark. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --back: light-dark(#f5f7fa, #12161c);
  --card: light-dark(#ffffff, #1a2029);
  --line: light-dark(#d9e0e8, #2b3442);
  --text: light-dark(#1b2430, #dde5ee);
  --soft: light-dark(#5d6b7c, #8c9aab);
  --first: light-dark(#0b6bcb, #6db8ff);
  --second: light-dark(#b3541e, #ffb076);
  --good: light-dark(#1a7f4b, #63d19a);
  --bad: light-dark(#b3261e, #ff8a80);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 16px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
h1 { font-size: 20px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 14px; margin: 0 0 8px; }
header p { margin: 4px 0 0; }
.soft, .tile span { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tile, section, details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; min-width: 0; }
.tile span { display: block; }
.tile b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; }
ul { margin: 0; padding-left: 18px; }
li { overflow-wrap: anywhere; }
pre { margin: 4px 0; overflow-x: auto; color: var(--soft); font-size: 12px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 16px; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: 4px; display: flex; flex-wrap: wrap; gap: 0 12px; }
.key { font-weight: 400; }
.key span::before { content: ""; display: inline-block; width: 12px; height: 3px; margin: 0 4px 3px 6px; background: currentColor; }
.key .first { color: var(--first); }
.key .second { color: var(--second); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--line); }
svg .mark { stroke: var(--soft); stroke-dasharray: 2 3; }
svg polyline { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
svg polyline.first { stroke: var(--first); }
svg polyline.second { stroke: var(--second); }
svg circle.first { fill: var(--first); }
svg circle.second { fill: var(--second); }
svg rect { fill: transparent; }
svg rect:hover { fill: var(--line); fill-opacity: 0.5; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap; }
.words td:last-child { white-space: normal; }
thead th { color: var(--soft); font-weight: 600; }
section p { margin: 8px 0 0; }
summary { cursor: pointer; font-weight: 600; }
details .wide { margin-top: 8px; }
@media print { body { background: none; } }
`;
