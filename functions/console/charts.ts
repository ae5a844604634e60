// Charts as SVG, made on the server by ECharts. The page's policy allows no style in a page, so what ECharts writes as style becomes
// attributes, and its hover rules go. Colours are the sheet's own variables; a pattern beside each colour says the same without it.
// Each chart is drawn twice, for a desk and for a phone, and the sheet shows the one that fits: text is never scaled.
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { html, trusted, type Html } from '../../shared/reading/html.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, AriaComponent, SVGRenderer]);

export interface Series {
  name: string;
  kind: 'bar' | 'line';
  values: readonly number[];
}
export interface Chart {
  /** says what the chart shows, for whoever does not see it; the numbers are in a table beneath */
  title: string;
  labels: readonly string[];
  series: readonly Series[];
  /** bars of all series on top of each other */
  stacked?: boolean;
}

const SIZES = { desk: { width: 640, height: 280 }, phone: { width: 328, height: 240 } } as const;
type Size = keyof typeof SIZES;

const COLOURS = ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)'];
const HATCH = 'var(--hatch)';
/** ECharts' own patterns, drawn in the sheet's colour: lines one way, dots, lines the other way, a grid. */
const PATTERNS = [
  { symbol: 'rect', color: 'transparent' },
  {
    symbol: 'circle',
    symbolSize: 0.7,
    dashArrayX: [
      [6, 6],
      [0, 6, 6, 0],
    ],
    dashArrayY: [6, 0],
    color: HATCH,
  },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4, color: HATCH },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [4, 3], rotation: -Math.PI / 4, color: HATCH },
];

/** Drawing takes milliseconds; the same figures give the same picture. Oldest out. */
const drawn = new Map<string, string>();
const KEPT = 64;

export function figure(chart: Chart): Html {
  return html`<div class="chart">${trusted(draw(chart, 'desk'))} ${trusted(draw(chart, 'phone'))}</div>`;
}

function draw(chart: Chart, size: Size): string {
  const key = `${size}${JSON.stringify(chart)}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const { width, height } = SIZES[size];
  const canvas = init(null, null, { renderer: 'svg', ssr: true, width, height });
  canvas.setOption(option(chart, size));
  const svg = cleaned(canvas.renderToSVGString({ useViewBox: true }), chart.title, size);
  canvas.dispose();
  if (drawn.size >= KEPT) drawn.delete(drawn.keys().next().value!);
  drawn.set(key, svg);
  return svg;
}

function option({ labels, series, stacked }: Chart, size: Size): EChartsCoreOption {
  const font = { fontSize: 12, color: 'var(--muted)', fontFamily: 'inherit' };
  return {
    animation: false,
    color: COLOURS,
    textStyle: { fontFamily: 'inherit' },
    aria: { enabled: true, label: { enabled: false }, decal: { show: true, decals: PATTERNS } },
    grid: { left: 44, right: 8, top: series.length > 1 ? 36 : 12, bottom: 28 },
    legend: {
      show: series.length > 1,
      top: 0,
      left: 0,
      selectedMode: false,
      itemWidth: 22,
      textStyle: { ...font, color: 'var(--ink)' },
    },
    xAxis: {
      type: 'category',
      data: labels,
      silent: true,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: 'var(--strong)' } },
      axisLabel: { ...font, hideOverlap: true, interval: size === 'phone' && labels.length > 6 ? 1 : 'auto' },
    },
    yAxis: {
      type: 'value',
      silent: true,
      minInterval: 1,
      splitNumber: 4,
      splitLine: { lineStyle: { color: 'var(--line)' } },
      axisLabel: font,
    },
    series: series.map(({ name, kind, values }, at) => ({
      name,
      type: kind,
      data: values,
      silent: true,
      emphasis: { disabled: true },
      barMaxWidth: 28,
      symbol: ['circle', 'rect', 'triangle', 'diamond'][at],
      symbolSize: 7,
      lineStyle: { width: 2 },
      itemStyle: kind === 'bar' ? { borderColor: COLOURS[at], borderWidth: 1 } : {},
      ...(stacked ? { stack: 'all' } : {}),
    })),
  };
}

let charts = 0;

/** @param svg as ECharts writes it */
function cleaned(svg: string, title: string, size: Size): string {
  const own = `chart${charts++}-`;
  const { width, height } = SIZES[size];
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
    .replace(/ (class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_all, style: string) => attributes(style))
    .replaceAll('zr0-', own)
    .replace(/<svg [^>]*>/, () => {
      const box = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
      return `<svg xmlns="http://www.w3.org/2000/svg" ${box} class="${size}" role="img" aria-label="${escaped(title)}">`;
    })
    .replaceAll('\n', '');
}

/** `font-size:12px;font-family:inherit;` as attributes; the family is that of the page anyway. */
function attributes(style: string): string {
  return style
    .split(';')
    .map((rule) => /^\s*(font-size|font-weight|text-anchor|dominant-baseline)\s*:\s*([\w.-]+)\s*$/.exec(rule))
    .map((rule) => (rule ? ` ${rule[1]}="${rule[2]}"` : ''))
    .join('');
}

const escaped = (text: string): string => html`${text}`.toString();
