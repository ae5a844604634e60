import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../functions/api/auth.ts';
import { ROLES, type Role } from '../../../shared/rules/roles.ts';
import {
  ACTIONS,
  authorise,
  narrowFilters,
  ownTracks,
  PERMISSIONS,
  requireRole,
  type Action,
  type PermissionSubject,
} from '../../../functions/api/permissions.ts';
import type { Scope } from '../../../shared/rules/roles.ts';
import { ROUTE_NAMES, ROUTES } from '../../../functions/api/routes.ts';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { Forbidden } from '../../../events/errors.ts';
import { makeTown } from './support.ts';

const principal = (role: Role, organisation?: string): Principal => ({
  person: 'p',
  roles: [role],
  organisation,
  post: 'x',
});

// A hazard of the gas track at a unit in village 1, assigned to the market office. Gas is led by guijianban; members and villages are
// responsible in it. It was escalated.
const GAS: PermissionSubject = {
  campaign: LIANTANG,
  unit: { id: 'u_1', area: 'village-01', tracks: ['gas'] },
  hazard: { id: 'h_1', track: 'gas', organisation: 'shichangsuo' },
  organisation: 'guijianban',
  escalation: { id: 'e_1', to: 'district-construction' },
};
// One of the factory track, which a task force leads and only villages are responsible in.
const FACTORY: PermissionSubject = {
  campaign: LIANTANG,
  unit: { id: 'u_2', area: 'village-02', tracks: ['factory'] },
  hazard: { id: 'h_2', track: 'factory', organisation: 'factory-taskforce' },
  organisation: 'factory-taskforce',
};

/** What each scope covers of the two, for organisations of every kind: [organisation, gas, factory]. */
const COVERS: Record<Scope, [string | undefined, boolean, boolean][]> = {
  town: [
    ['lvyou', true, true],
    [undefined, true, true],
  ],
  redacted: [['lvyou', true, true]],
  escalated: [
    ['district-construction', true, false],
    ['district-fire', false, false],
    ['guijianban', false, false],
    [undefined, false, false],
  ],
  track: [
    ['guijianban', true, false],
    ['shichangsuo', true, false],
    ['lvyou', true, false],
    ['factory-taskforce', false, true],
    ['village-01', true, false],
    ['village-02', false, true],
    ['office', false, false],
    ['unheard-of', false, false],
    [undefined, false, false],
  ],
  lead: [
    ['guijianban', true, false],
    ['factory-taskforce', false, true],
    ['shichangsuo', false, false],
    ['village-01', false, false],
    [undefined, false, false],
  ],
  assigned: [
    ['shichangsuo', true, false],
    ['factory-taskforce', false, true],
    ['guijianban', false, false],
    [undefined, false, false],
  ],
  own: [
    ['guijianban', true, false],
    ['factory-taskforce', false, true],
    ['shichangsuo', false, false],
    [undefined, false, false],
  ],
  area: [
    ['village-01', true, false],
    ['village-02', false, true],
    ['village-03', false, false],
    ['shichangsuo', true, false],
    ['guijianban', false, false],
    [undefined, false, false],
  ],
};

const allows = (who: Principal, action: Action, subject: PermissionSubject): boolean => {
  try {
    authorise(who, action, subject);
    return true;
  } catch (error) {
    if (error instanceof Forbidden) return false;
    throw error;
  }
};

const rolesOf = (action: Action): string[] => Object.keys(PERMISSIONS[action]).toSorted();
const list = (who: Principal, filters: object): object => narrowFilters(who, 'read.hazards', LIANTANG, filters);

const CELLS = ACTIONS.flatMap((action) =>
  ROLES.map((role) => ({ action, role, scope: (PERMISSIONS[action] as Partial<Record<Role, Scope>>)[role] })),
);
const GIVEN = CELLS.flatMap((cell) => (cell.scope ? [{ ...cell, scope: cell.scope }] : []));
const WITHHELD = CELLS.filter((cell) => !cell.scope);

describe('the permission table', () => {
  it.each(GIVEN)('gives $action to $role with the scope $scope and no more', ({ action, role, scope }) => {
    const found = COVERS[scope].map(([organisation]) => {
      const who = principal(role, organisation);
      return [organisation, allows(who, action, GAS), allows(who, action, FACTORY)];
    });
    expect(found).toEqual(COVERS[scope]);
  });

  it.each(WITHHELD)('withholds $action from $role, naming the roles that have it', ({ action, role }) => {
    const first = Object.keys(PERMISSIONS[action])[0]!;
    expect(() => requireRole(principal(role, 'guijianban'), action)).toThrow(
      expect.objectContaining({ type: 'forbidden', status: 403, expected: expect.stringContaining(first) }),
    );
    expect(allows(principal(role, 'guijianban'), action, GAS)).toBe(false);
  });

  it('gives an importer and an administrator what they need, and nothing of the record to read', () => {
    const of = (role: Role): string[] => ACTIONS.filter((action) => role in PERMISSIONS[action]).toSorted();
    expect(of('importer')).toEqual(['import.run', 'read.campaign']);
    expect(of('admin')).toEqual([
      'campaign.rule',
      'directory.enter',
      'directory.erase',
      'proposal.withdraw',
      'read.campaign',
      'read.deliveries',
      'read.directory',
      'read.log',
      'read.proofs',
      'read.proposals',
      'read.roster',
      'read.system',
      'roster.appoint',
      'roster.correct',
      'roster.register',
    ]);
  });

  it('is the one that the domain page describes', () => {
    expect(rolesOf('hazard.sign-off')).toEqual(['department']);
    expect(PERMISSIONS['hazard.sign-off'].department).toBe('lead');
    expect(rolesOf('hazard.reassign')).toEqual(['office', 'operations']);
    expect(rolesOf('campaign.rule')).toEqual(['admin']);
    expect(rolesOf('import.run')).toEqual(['importer']);
    // a cosignature records nothing about the town: it is verified, and says who made it
    expect(rolesOf('log.cosign')).toEqual(['auditor', 'witness']);
    const commands = ACTIONS.filter((action) => !action.startsWith('read.') && action !== 'log.cosign');
    // the leading group reads and approves
    // and confirms
    const acts = commands.filter((action) => !action.endsWith(':second'));
    expect(acts.filter((action) => 'leader' in PERMISSIONS[action])).toEqual([
      'hazard.decide-extension',
      'hazard.acknowledge',
      'report.judge',
      'proposal.confirm',
    ]);
    for (const action of commands.filter((one) => one.endsWith(':second'))) {
      expect(rolesOf(action), action).toEqual(expect.arrayContaining(['leader', 'office']));
    }
    // enforcement does what the plan asks of it: duties with their photos, and nothing else
    expect(commands.filter((action) => 'enforcement' in PERMISSIONS[action])).toEqual([
      'duty.open',
      'duty.do',
      'duty.confirm',
      'duty.stop',
      'evidence.add',
    ]);
    for (const role of ['auditor', 'subscriber'] as const) {
      const writes = commands.filter((action) => role in PERMISSIONS[action]);
      expect({ role, writes }).toEqual({ role, writes: [] });
    }
    const byDistrict = ['escalation.accept', 'escalation.return', 'escalation.resolve'];
    expect(commands.filter((action) => 'district' in PERMISSIONS[action])).toEqual(byDistrict);
    for (const action of byDistrict) expect(rolesOf(action as Action)).toEqual(['district']);
    const reads = ACTIONS.filter((action) => action.startsWith('read.'));
    expect(reads.filter((action) => !('auditor' in PERMISSIONS[action]))).toEqual([]);
    expect(reads.filter((action) => 'district' in PERMISSIONS[action])).toEqual(['read.evidence', 'read.escalations']);
    expect(reads.filter((action) => 'subscriber' in PERMISSIONS[action])).toEqual(['read.tracks', 'read.campaign']);
  });

  it('gives a caller with several roles what any of them gives', () => {
    const both: Principal = { person: 'p', roles: ['auditor', 'department'], organisation: 'guijianban', post: 'x' };
    expect(allows(both, 'read.units', FACTORY)).toBe(true);
    expect(allows(both, 'hazard.grade', GAS)).toBe(true);
    expect(allows(both, 'hazard.grade', FACTORY)).toBe(false);
  });

  it('names the organisations that could', () => {
    expect(() => authorise(principal('department', 'lvyou'), 'hazard.sign-off', GAS)).toThrow(
      expect.objectContaining({ type: 'foreign-organisation', expected: expect.stringContaining('guijianban (gas)') }),
    );
    expect(() => authorise(principal('village', 'village-02'), 'hazard.submit', GAS)).toThrow(
      expect.objectContaining({ expected: expect.stringContaining('village-01') }),
    );
  });

  it('tells a district unit in plain words why it sees nothing yet', () => {
    expect(() => requireRole(principal('district', 'district-x'), 'read.units')).toThrow(
      /only what was escalated to it/,
    );
  });

  it('counts a hazard’s own track, not the other tracks of its unit', () => {
    const subject: PermissionSubject = { ...FACTORY, unit: { area: 'village-02', tracks: ['factory', 'gas'] } };
    expect(allows(principal('department', 'guijianban'), 'hazard.grade', subject)).toBe(false);
    expect(allows(principal('department', 'guijianban'), 'unit.grade-risk', { ...subject, hazard: undefined })).toBe(
      true,
    );
  });
});

describe('lists', () => {
  it('are whole for those who read all of the town', () => {
    expect(list(principal('auditor'), { grade: 'major' })).toEqual({ grade: 'major' });
  });

  it('are narrowed to a village’s own area', () => {
    expect(list(principal('village', 'village-01'), {})).toEqual({ area: 'village-01' });
    expect(list(principal('inspector', 'village-01'), { track: 'gas' })).toEqual({ track: 'gas', area: 'village-01' });
    expect(() => list(principal('village', 'village-01'), { area: 'village-02' })).toThrow(
      expect.objectContaining({ type: 'foreign-organisation', field: 'area', expected: 'village-01' }),
    );
  });

  it('need one of a department’s own tracks, unless it has just one', () => {
    expect(list(principal('department', 'factory-taskforce'), {})).toEqual({ track: 'factory' });
    expect(list(principal('department', 'guijianban'), { track: 'gas' })).toEqual({ track: 'gas' });
    expect(() => list(principal('department', 'guijianban'), {})).toThrow(
      expect.objectContaining({ field: 'track', expected: expect.stringContaining('gas') }),
    );
    expect(() => list(principal('department', 'guijianban'), { track: 'ebike' })).toThrow(Forbidden);
  });

  it('of cases show a district unit its own only', () => {
    const cases = (who: Principal, filters: object) => narrowFilters(who, 'read.escalations', LIANTANG, filters);
    expect(cases(principal('district', 'district-fire'), { urgent: true })).toEqual({
      urgent: true,
      to: 'district-fire',
    });
    expect(() => cases(principal('district', 'district-fire'), { to: 'district-market' })).toThrow(
      expect.objectContaining({ type: 'foreign-organisation', field: 'to', expected: 'district-fire' }),
    );
    expect(() => cases(principal('district'), {})).toThrow(expect.objectContaining({ field: 'organisation' }));
    expect(cases(principal('village', 'village-01'), {})).toEqual({ area: 'village-01' });
  });

  it('of what is assigned to one’s own organisation are always open', () => {
    expect(list(principal('department', 'paichusuo'), { organisation: 'paichusuo' })).toEqual({
      organisation: 'paichusuo',
    });
    expect(() => list(principal('department', 'office'), {})).toThrow(
      expect.objectContaining({ expected: expect.stringContaining('organisation=office') }),
    );
    expect(() => list(principal('department'), {})).toThrow(expect.objectContaining({ field: 'organisation' }));
  });
});

describe('tracks that an organisation serves', () => {
  it('are those it leads or is responsible in, by name or by kind', () => {
    expect(ownTracks(LIANTANG, 'factory-taskforce')).toEqual(['factory']);
    expect(ownTracks(LIANTANG, 'guijianban')).toEqual(expect.arrayContaining(['gas', 'insulation', 'construction']));
    expect(ownTracks(LIANTANG, 'guijianban')).not.toContain('ebike');
    expect(ownTracks(LIANTANG, 'village-01')).toContain('ebike');
    expect(ownTracks(LIANTANG, 'office')).toEqual([]);
  });
});

describe('a route', () => {
  const guarded = ROUTE_NAMES.flatMap((name) => {
    const { action, method, path } = ROUTES[name];
    return action === 'public' ? [] : [{ name, action, method, path: path.replaceAll(/\{\w+\}/g, 'x') }];
  });

  it.each(guarded)(
    '$name asks who it is, then for $action, before anything is read',
    async ({ action, method, path }) => {
      const town = await makeTown();
      const before = town.fake.calls.length;
      const refused = ROLES.find((role) => !(role in PERMISSIONS[action]))!;
      expect((await town.send(method, path)).status).toBe(401);
      const answer = await town.send(method, path, { token: await town.as(refused, 'office') });
      expect(answer).toMatchObject({ status: 403, body: { action } });
      expect(town.fake.calls.length).toBe(before);
    },
  );
});
