"""The looks of a review's page: a sheet for the screen in both themes, and for A4."""

# Colours are those of `console.charts.base`; a test holds them together.
_LIGHT = """
  --ink: #17212B; --muted: #55606B; --grid: #E4E9EE; --paper: #FFFFFF; --soft: #F3F6F9;
  --rule: #C9D2DA; --was: #767676; --wash: #D3D8DD; --is: #0072B2; --alert: #A84A00;
  --s0: #0072B2; --s1: #D55E00; --s2: #009E73; --s3: #CC79A7; --s4: #767676;
"""
_DARK = """
  --ink: #E3E9EF; --muted: #98A4AF; --grid: #242F3A; --paper: #11181F; --soft: #18222C;
  --rule: #38454F; --was: #98A4AF; --wash: #3A4651; --is: #56B4E9; --alert: #E69F00;
  --s0: #56B4E9; --s1: #E69F00; --s2: #009E73; --s3: #CC79A7; --s4: #D55E00;
"""

STYLE = f"""
:root {{ color-scheme: light; {_LIGHT} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark; {_DARK} }} }}
* {{ box-sizing: border-box; }}
html {{ background: var(--paper); }}
body {{
  color: var(--ink); background: var(--paper); margin: 0 auto; padding: 32px 28px 64px;
  max-width: 940px; font: 15px/1.5 "Source Sans 3", "Source Sans Pro", system-ui, -apple-system,
  "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums;
}}
h1 {{ font-size: 27px; line-height: 1.2; margin: 0 0 4px; font-weight: 650; }}
h2 {{
  font-size: 18px; margin: 34px 0 10px; padding-bottom: 5px; border-bottom: 1px solid var(--rule);
  font-weight: 620; break-after: avoid;
}}
h3 {{ font-size: 17px; margin: 0; font-weight: 620; }}
h4 {{ font-size: 12px; margin: 12px 0 2px; color: var(--muted); font-weight: 600; }}
p {{ margin: 0 0 8px; }}
p, td, dd, li, blockquote {{ unicode-bidi: plaintext; }}
code {{ font: 12.5px/1.5 "Source Code Pro", ui-monospace, Menlo, Consolas, monospace; }}
.eyebrow {{ color: var(--muted); font-size: 13px; margin: 0 0 4px; }}
.lead {{ font-size: 18px; line-height: 1.42; margin: 14px 0 10px; }}
.muted, .small {{ color: var(--muted); }}
.small {{ font-size: 13px; }}
.facts {{
  display: flex; flex-wrap: wrap; border: 1px solid var(--rule); border-radius: 4px;
  margin: 14px 0 0; padding: 4px 0;
}}
.facts div {{ padding: 6px 14px; flex: 1 1 auto; }}
dt {{ color: var(--muted); font-size: 12.5px; }}
dd {{ margin: 0; }}
.facts dd {{ font-weight: 600; }}
.tag {{
  display: inline-block; border: 1px solid var(--rule); border-radius: 3px; padding: 0 7px;
  font-size: 12.5px; line-height: 20px; color: var(--muted); white-space: nowrap;
}}
.tag.grave {{ border-color: var(--alert); color: var(--alert); font-weight: 600; }}
.tag.held {{ border-color: var(--ink); color: var(--ink); font-weight: 600; }}
article {{ border: 1px solid var(--rule); border-radius: 4px; padding: 16px 18px; }}
article + article {{ margin-top: 16px; }}
article header {{ display: flex; gap: 10px; align-items: baseline; margin-bottom: 6px; }}
article header .tag {{ margin-left: auto; }}
.charts {{ display: grid; grid-template-columns: 1fr 1fr; gap: 8px 18px; margin: 8px 0 2px; }}
figure {{ margin: 0; min-width: 0; }}
figure:only-child {{ max-width: 440px; }}
figcaption {{ font-size: 12.5px; color: var(--muted); }}
svg {{ display: block; width: 100%; height: auto; }}
svg text {{ fill: var(--muted); font-size: 10.5px; }}
svg text.end, svg text.name {{ text-anchor: end; }}
svg text.name {{ fill: var(--ink); font-size: 11px; }}
svg text.middle {{ text-anchor: middle; }}
svg .grid {{ stroke: var(--grid); }}
svg path.was {{ fill: var(--wash); stroke: none; }}
svg path.is {{ fill: none; stroke: var(--is); stroke-width: 1.8; stroke-linejoin: round; }}
svg .bar.was {{ fill: var(--wash); stroke: var(--was); stroke-width: .5; }}
svg .bar.is {{ fill: var(--is); }}
svg .level {{ stroke: var(--was); stroke-width: 1.3; stroke-dasharray: 5 3; }}
svg .band {{ stroke: none; opacity: .17; }}
{
    "".join(
        f"svg path.s{i}, svg line.s{i} {{ fill: none; stroke: var(--s{i}); stroke-width: 1.7; }}"
        f" svg circle.s{i}, svg .band.b{i} {{ fill: var(--s{i}); }}"
        for i in range(5)
    )
}
.figures {{ display: grid; grid-template-columns: repeat(5, auto); gap: 6px 18px; margin: 10px 0; }}
.figures dd {{ font-size: 14px; }}
.decision {{
  background: var(--soft); border-left: 3px solid var(--ink); padding: 10px 14px; margin-top: 14px;
  break-inside: avoid;
}}
.decision.open {{ border-left-color: var(--rule); }}
.decision p:last-child {{ margin-bottom: 0; }}
.boxes span {{ margin-right: 18px; white-space: nowrap; }}
.boxes i {{
  display: inline-block; width: 12px; height: 12px; border: 1.4px solid var(--ink);
  margin-right: 6px; vertical-align: -1px;
}}
.blank {{ display: flex; gap: 26px; margin-top: 12px; color: var(--muted); font-size: 13px; }}
.blank span {{ flex: 1; border-bottom: 1px solid var(--muted); padding-bottom: 1px; height: 24px; }}
blockquote {{
  margin: 8px 0 0; padding-left: 12px; border-left: 2px solid var(--rule); white-space: pre-wrap;
  font-size: 14px;
}}
table {{ border-collapse: collapse; width: 100%; font-size: 13.5px; }}
th {{ text-align: left; font-weight: 600; color: var(--muted); font-size: 12.5px; }}
th, td {{ padding: 5px 12px 5px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }}
td {{ overflow-wrap: break-word; }}
th.n, td.n {{ text-align: right; white-space: nowrap; }}
td.late {{ color: var(--alert); font-weight: 600; white-space: nowrap; }}
th, td.day {{ white-space: nowrap; }}
table p {{ margin: 0; }}
thead {{ display: table-header-group; }}
tr, figure {{ break-inside: avoid; }}
footer {{ margin-top: 34px; border-top: 1px solid var(--rule); padding-top: 12px; }}
footer {{ break-inside: avoid; }}
@media (max-width: 640px) {{
  body {{ padding: 18px 14px 40px; }}
  .charts, .figures {{ grid-template-columns: 1fr; }}
  .blank {{ flex-direction: column; gap: 8px; }}
  .wide {{ overflow-x: auto; }}
}}
@page {{
  size: A4; margin: 15mm 15mm 17mm;
  @bottom-right {{ content: counter(page) " / " counter(pages); font: 8pt sans-serif; }}
}}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 9.6pt; line-height: 1.42;
    print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
  h1 {{ font-size: 18pt; }} h3 {{ font-size: 11.5pt; }}
  h2 {{ font-size: 12.5pt; margin-top: 18pt; }}
  p {{ margin-bottom: 4pt; }} .lead {{ font-size: 12pt; }} h4 {{ margin-top: 5pt; }}
  .small, figcaption, dt, th, .tag, code, .blank {{ font-size: 8pt; }}
  .figures dd, table, blockquote {{ font-size: 8.8pt; }}
  article {{ break-inside: avoid; padding: 7pt 10pt; }}
  article + article {{ margin-top: 8pt; }}
  .charts {{ margin: 4pt 0 0; }} .figures {{ gap: 2pt 14pt; margin: 5pt 0; }}
  .decision {{ margin-top: 6pt; padding: 5pt 9pt; }} .blank {{ margin-top: 5pt; }}
  .blank span {{ height: 17pt; }} th, td {{ padding-top: 2.5pt; padding-bottom: 2.5pt; }}
  blockquote {{ margin-top: 5pt; }}
}}
"""
