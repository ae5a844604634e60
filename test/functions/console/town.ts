// A town with a unit and a hazard at it, for the tests of pages.
import { makeConsoleTown, type ConsoleTown } from './support.ts';

export interface TownWithHazard {
  console: ConsoleTown;
  unit: string;
  hazard: string;
  /** a page's address with its parameters filled in: `/units/{unit}`, `/units/{id}`, `/hazards/{id}` … */
  path: (path: string) => string;
}

export async function makeTownWithHazard({ name = '练塘老街面馆', text = '软管老化' } = {}): Promise<TownWithHazard> {
  const consoleTown = await makeConsoleTown();
  const { town } = consoleTown;
  const inspector = await town.as('inspector', 'guijianban');
  const registered = await town.post('/v1/units', await town.as('village', 'village-01'), {
    name,
    kind: '餐饮',
    area: 'village-01',
    tracks: ['gas'],
  });
  const unit: string = registered.body.id;
  const inspected = await town.post('/v1/inspections', inspector, {
    unit,
    track: 'gas',
    mode: 'routine',
    answers: [
      { item: '1', clause: 'GAS-01', answer: 'problem', text, place: text },
      { item: '2', clause: 'GAS-02', answer: 'ok' },
    ],
  });
  const hazard: string = inspected.body.findings[0].hazard;
  await town.settle();
  const path = (of: string): string => {
    const id = of.startsWith('/units') ? unit : hazard;
    const filled = of
      .replace('{unit}', unit)
      .replace('{hazard}', hazard)
      .replace('{track}', 'gas')
      .replace('{step}', 'survey')
      .replace('{round}', '1')
      .replace('{appointment}', 'a-1')
      .replace('{id}', id)
      .replace('{position}', '3');
    return filled === '/' ? '/console' : `/console${filled}`;
  };
  return { console: consoleTown, unit, hazard, path };
}

/** How a unit is linked on a list. */
export const unitLink = ({ unit }: TownWithHazard): string => `href="/console/units/${unit}"`;
