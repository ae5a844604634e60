// 总览: the campaign at a glance.
import type { TrackFigure } from '../ask.ts';
import { html } from '../html.ts';
import { TRACK_NAMES } from '../labels.ts';
import type { Page } from '../page.ts';
import { figures } from '../parts.ts';

export const overviewPage: Page = {
  path: '/',
  action: 'read.tracks',
  get: async (visit) => {
    const { items, asOf } = await visit.ask('listTracks');
    return {
      title: '总览',
      section: 'overview',
      asOf: asOf.position,
      wide: true,
      body: html`<h1>总览</h1>
        ${figures('七个专项', ['专项', '检查', '隐患', '未销项', '已销项', '销项率', '回潮'], items.map(line))}`,
    };
  },
};

const line = (row: TrackFigure) => [
  TRACK_NAMES[row.track],
  row.inspections,
  row.hazards,
  row.open,
  row.signedOff,
  row.closureRate === null ? '—' : `${Math.round(row.closureRate * 1000) / 10}%`,
  row.recurrences,
];
