// Charts: nothing in them that the page's policy forbids, ids that do not meet on one page, hostile labels as text, a
// pattern for each colour.
import { expect, test } from 'vitest';
import { figure } from '../../../functions/console/charts.ts';

const chart = {
  title: '逐月 <b>"情况"</b>',
  labels: ['25.05', '<script>alert(1)</script>'],
  series: [
    { name: '发现', kind: 'bar' as const, values: [3, 5] },
    { name: '销项', kind: 'bar' as const, values: [1, 4] },
    { name: '未销项', kind: 'line' as const, values: [2, 3] },
  ],
};

test('a chart has no style, no script, no handler and no label that is markup', () => {
  const svg = figure(chart).toString();
  expect(svg).not.toMatch(/<style|\sstyle=|<script|\son\w+=|<b>/);
  expect(svg).toContain('aria-label="逐月 &lt;b&gt;&quot;情况&quot;&lt;/b&gt;"');
});

test('it is drawn for a desk and for a phone, each with ids of its own', () => {
  const svg = `${figure(chart).toString()}${figure({ ...chart, title: 'another' }).toString()}`;
  expect(svg.match(/class="desk"/g)).toHaveLength(2);
  expect(svg.match(/class="phone"/g)).toHaveLength(2);
  const ids = [...svg.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, id] of svg.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(id);
});

test('each series that is a surface has a pattern beside its colour', () => {
  expect(
    figure(chart)
      .toString()
      .match(/<pattern /g)!.length,
  ).toBeGreaterThanOrEqual(2);
});

test('the same figures are the same picture', () => {
  expect(figure(chart).toString()).toBe(figure(structuredClone(chart)).toString());
});
