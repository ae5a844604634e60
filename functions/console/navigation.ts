// The main navigation: what each item needs, in the order in which it is shown. An item that the signed-in person may
// not open is not there.
import type { Principal } from '../api/auth.ts';
import { scopesOf, type Action } from '../api/permissions.ts';

export const SECTIONS = {
  overview: { name: '总览', path: '/', action: 'read.tracks' },
  tracks: { name: '专项', path: '/tracks', action: 'read.tracks' },
  units: { name: '单位', path: '/units', action: 'read.units' },
  inspect: { name: '检查', path: '/inspect', action: 'inspection.record' },
  hazards: { name: '隐患', path: '/hazards', action: 'read.hazards' },
  lists: { name: '清单', path: '/lists', action: 'read.units' },
  duties: { name: '应办', path: '/duties', action: 'read.duties' },
  deadlines: { name: '期限', path: '/deadlines', action: 'read.deadlines' },
  proposals: { name: '待确认', path: '/proposals', action: 'read.proposals' },
  escalations: { name: '上报区级', path: '/escalations', action: 'read.escalations' },
  trace: { name: '倒查', path: '/trace', action: 'read.trace' },
  roster: { name: '名册', path: '/roster', action: 'read.roster' },
  system: { name: '系统', path: '/system', action: 'read.system' },
} as const satisfies Record<string, { name: string; path: string; action: Action }>;
export type SectionId = keyof typeof SECTIONS;

export function sectionsFor(principal: Principal): SectionId[] {
  return (Object.keys(SECTIONS) as SectionId[]).filter(
    (section) => scopesOf(principal, SECTIONS[section].action).length > 0,
  );
}
