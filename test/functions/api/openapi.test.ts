import type { DutyDefinition } from '../../../events/duty-definition.ts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../functions/api/openapi.ts';
import { PERMISSIONS } from '../../../functions/api/permissions.ts';
import type { Role } from '../../../shared/rules/roles.ts';
import { ROUTE_NAMES, ROUTES, type RouteName } from '../../../functions/api/routes.ts';
import type { Route } from '../../../functions/api/route.ts';
import { putTimeStamp } from '../../../shared/record/attest/timestamps.ts';
import { cosigner } from '../../../shared/record/tlog/cosignature.ts';
import { parseNote, signNote } from '../../../shared/record/tlog/note.ts';
import { DELIVERY_STATUSES } from '../../../shared/reading/delivery/list.ts';
import { ESCALATION_FILTERS } from '../../../shared/reading/escalation/list.ts';
import { HAZARD_SORTS } from '../../../shared/reading/hazard/list.ts';
import { UNIT_SORTS } from '../../../shared/reading/unit/list.ts';
import { sha256Of } from '../../../functions/runtime/dossier-store.ts';
import { streamKey } from '../../../events/envelope.ts';
import { exampleOf } from '../../support/builders.ts';
import { directoryEvidence, JPEG } from '../../support/evidence.ts';
import { recordEvents } from '../../support/recorded.ts';
import { sealIndex } from '../../../shared/record/index/seal-index.ts';
import { makeTown, TENANT, WITNESS, WITNESS_KEY } from './support.ts';

// oxlint-disable-next-line typescript/no-explicit-any
const document: any = openApiDocument('0.0.0');

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('has every route that the application answers, and no other', async () => {
    const described = Object.entries<object>(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(
      ROUTE_NAMES.map((name) => `${ROUTES[name].method} ${ROUTES[name].path}`).toSorted(),
    );
  });

  it('resolves every reference and defines nothing that is not used', () => {
    const text = JSON.stringify(document);
    const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]));
    expect(used).toEqual(new Set(Object.keys(document.components.schemas)));
    expect(text).not.toContain('#/$defs/');
  });

  it.each(ROUTE_NAMES)('says in Chinese and English what %s does, and who may', (name) => {
    const { path, method, action }: Route = ROUTES[name];
    const operation = document.paths[path][method.toLowerCase()];
    expect(operation.summary).toMatch(/^\p{Script=Han}.*[A-Za-z]/u);
    const roles = action === 'public' ? [] : Object.keys(PERMISSIONS[action]);
    expect(roles.filter((role) => !operation.description.includes(role))).toEqual([]);
    expect(operation.security).toEqual(action === 'public' ? [] : undefined);
  });

  it('shows the schema in use: strict bodies, limits, formats', () => {
    const { RegisterUnit, OrderRectification } = document.components.schemas;
    expect(RegisterUnit.additionalProperties).toBe(false);
    expect(RegisterUnit.required).toEqual(['name', 'tracks']);
    expect(OrderRectification.required).toEqual(['measures', 'authority']);
    const parameters = document.paths['/v1/hazards'].get.parameters;
    expect(parameters.find((each: { name: string }) => each.name === 'limit').schema).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 100,
    });
  });

  it.each(ROUTE_NAMES.filter((name) => ROUTES[name].kind === 'command'))('gives an example body of %s', (name) => {
    const route: Route = ROUTES[name];
    expect(route.example).toBeDefined();
    expect(route.body.safeParse(route.example).error?.issues).toBeUndefined();
  });

  it('says of every answer which fields it has, and that it has no others', () => {
    interface Operation {
      operationId: string;
      responses: object;
    }
    const open: string[] = [];
    const walk = (at: string, schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties, additionalProperties } = schema as { properties?: object; additionalProperties?: unknown };
      if (properties && additionalProperties !== false) open.push(at);
      for (const [key, inner] of Object.entries(schema)) walk(`${at}/${key}`, inner);
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) walk(name, schema);
    for (const path of Object.values<Record<string, Operation>>(document.paths)) {
      for (const { operationId, responses } of Object.values(path)) {
        walk(operationId, responses);
      }
    }
    // a problem may have members of its own type (RFC 9457)
    expect(open).toEqual(['Problem']);
  });

  it('offers the sorts that the views have', () => {
    const offered = (path: string, name: string) =>
      document.paths[path].get.parameters.find((one: { name: string }) => one.name === name).schema.enum;
    expect(offered('/v1/hazards', 'sort')).toEqual(HAZARD_SORTS);
    expect(offered('/v1/units', 'sort')).toEqual(UNIT_SORTS);
    expect(offered('/v1/escalations', 'status')).toEqual(ESCALATION_FILTERS);
    expect(offered('/v1/deliveries', 'status')).toEqual(DELIVERY_STATUSES);
  });
});

describe('the application', () => {
  it.each(Object.keys(document.paths))('answers at %s', async (path) => {
    const town = await makeTown();
    for (const method of Object.keys(document.paths[path])) {
      const { status } = await town.send(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'gas'));
      expect(status).toBe(path === '/health' ? 200 : 401);
    }
  });
});

describe('before the launch', () => {
  it.each(ROUTE_NAMES.filter((name) => ROUTES[name].kind === 'query'))(
    '%s answers as it is described',
    async (name) => {
      const { action, path, query }: Route = ROUTES[name];
      const town = await makeTown({ launched: false });
      const role = action === 'public' ? 'office' : (Object.keys(PERMISSIONS[action])[0] as Role);
      const given = {
        track: 'gas',
        subject: 'units',
        sha256: '0'.repeat(64),
        size: '1',
        position: '0',
        round: '1',
        index: '000',
        level: '0',
      };
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => (given as Record<string, string>)[part] ?? 'x');
      const asked = {
        before: '2025-06-01',
        months: '3',
        clause: 'GAS-01',
        on: '2025-06-01',
        knownAt: '0',
        after: '2025-06-01T00:00:00Z',
        from: '0',
        person: 'p-1',
        persons: 'p-1',
        stream: 'unit/x',
        version: '1',
        event: 'hazard/h_1/1',
        subject: 'unit/x',
      };
      const search = new URLSearchParams(
        Object.entries(asked).filter(([each]) => query.shape[each] && !query.shape[each].isOptional()),
      );
      if (name === 'listAccesses') search.set('unit', 'x');
      const answered = await town.get(`${filled}?${search.toString()}`, await town.as(role, 'office'));
      expect(answered.status).not.toBe(400);
    },
  );
});

describe('what was known before the launch', () => {
  it.each(['responsible?on=2025-06-01', 'dossier?on=2025-06-01&months=3'])(
    'has no %s: 422, as described',
    async (asked) => {
      const town = await makeTown({ launched: false });
      await recordEvents(town.deps.store, [exampleOf('UnitRegistered', { unit: 'u_1' })]);
      await town.settle();
      const answered = await town.get(`/v1/trace/units/u_1/${asked}`, await town.as('auditor', 'office'));
      expect(answered).toMatchObject({ status: 422, body: { type: 'urn:daocha:problem:campaign-not-launched' } });
    },
  );
});

describe('answers', () => {
  const seen = new Map<RouteName, unknown>();
  let town: Awaited<ReturnType<typeof makeTown>>;

  beforeAll(async () => {
    const evidence = directoryEvidence(TENANT);
    town = await makeTown({ evidence });
    const office = await town.as('office', 'office');
    const department = await town.as('department', 'guijianban');
    const unit = (await town.post('/v1/units', office, { name: 'U', area: 'village-01', tracks: ['gas'] })).body;
    const answers = [
      { item: '1', clause: 'GAS-01', answer: 'problem' },
      { item: '2', clause: 'GAS-02', answer: 'ok' },
    ];
    const inspected = await town.post('/v1/inspections', office, {
      unit: unit.id,
      track: 'gas',
      mode: 'routine',
      answers,
      evidence: [evidence.keep(JPEG)],
    });
    seen.set('announceEvidence', (await town.post('/v1/evidence', office, ROUTES.announceEvidence.example)).body);
    const hazard = inspected.body.findings[0].hazard;
    const importer = await town.as('importer', 'office');
    seen.set('registerUnit', unit).set('recordInspection', inspected.body);
    seen.set('runImport', (await town.post('/v1/imports', importer, ROUTES.runImport.example)).body);
    const grading = { grade: 'general', basis: 'b' };
    seen.set('gradeHazard', (await town.post(`/v1/hazards/${hazard}/gradings`, department, grading)).body);
    await town.post(`/v1/hazards/${hazard}/assignments`, department, { to: 'guijianban' });
    await town.post(`/v1/hazards/${hazard}/orders`, department, { measures: 'm', due: '2025-07-01', authority: 'a' });
    await town.post(`/v1/units/${unit.id}/baselines`, office, { track: 'gas', facts: { 气瓶数: 2 } });
    const officer = { ...(ROUTES.appointOfficer.example as object), area: 'village-01' };
    await town.post('/v1/roster/guijianban/appointments', office, officer);
    await town.post('/v1/campaign/checklists', await town.as('admin', 'office'), {
      ...(ROUTES.publishChecklist.example as object),
    });
    const admin = await town.as('admin', 'office');
    const byHand = { ...(ROUTES.publishDuty.example as DutyDefinition), opens: { by: 'hand' } };
    await town.post('/v1/campaign/duties', admin, { ...byHand, track: 'gas', duty: 'gas.survey' });
    const owed = await town.post('/v1/duties', office, { duty: 'gas.survey', unit: unit.id });
    await town.post(`${owed.headers['location']}/steps`, office, ROUTES.doStep.example);
    const beyond = ROUTES.proposeEscalation.example;
    const proposed = await town.post(`/v1/hazards/${hazard}/escalations`, office, beyond);
    seen.set('proposeEscalation', proposed.body);
    await recordEvents(town.deps.store, [
      exampleOf('ReminderIssued', { stream: streamKey(TENANT, 'hazard', hazard), unit: unit.id }),
      exampleOf('ReportRequired', { stream: streamKey(TENANT, 'report', 'monthly_2025-05_gas') }),
      exampleOf('ReminderAcknowledged', { stream: streamKey(TENANT, 'hazard', hazard), unit: unit.id }),
    ]);
    await town.post('/v1/directory', office, { person: 'p-1', name: '示例姓名', phone: '021-59250000' });
    await town.react();
    await sealIndex(town.deps.views);
    await town.settle();
    await town.seal();
    const registered = (await town.get(`/v1/positions?stream=unit/${unit.id}&version=1`, office)).body.position + 1;
    const { size } = (await town.get('/health', office)).body.log.signed;
    const stamp = {
      tsq: Buffer.of(1),
      tsr: Buffer.of(2),
      time: new Date(),
      authority: 'CN=T',
      serial: '1',
      policy: '1.2',
    };
    await putTimeStamp(town.deps.views, size, { ...stamp, trusted: false });
    const { text } = parseNote((await town.get('/log/checkpoint', office)).body);
    const cosigned = await signNote(text, [cosigner(WITNESS.name, WITNESS_KEY, () => 1_748_836_800)]);
    const witness = await town.as('witness', 'district');
    const cosignatures = cosigned.slice(text.length + 1);
    seen.set(
      'addCosignatures',
      (await town.post(`/log/checkpoint/${size}/cosignatures`, witness, { cosignatures })).body,
    );
    const correction = { details: { name: '乙', area: 'village-01', tracks: ['gas'] }, reason: '有误' };
    const put = await town.post(`/v1/units/${unit.id}/corrections`, office, correction);
    const paths: Partial<Record<RouteName, string>> = {
      getProposal: put.headers['location']!,
      listProposals: '/v1/proposals?open=true',
      getInspection: inspected.headers['location']!,
      getEvidence: `/v1/evidence/${sha256Of(JPEG)}?event=hazard/${hazard}/1`,
      getHazard: `/v1/hazards/${hazard}`,
      getUnit: `/v1/units/${unit.id}`,
      getUnitTimeline: `/v1/units/${unit.id}/timeline?limit=3`,
      listUnits: '/v1/units?limit=1&listed=false',
      listHazards: '/v1/hazards?status=open',
      listTracks: '/v1/tracks',
      getTrack: '/v1/tracks/gas',
      getOverview: '/v1/overview?months=3',
      exportBaseline: '/v1/lists/baseline/export?track=gas',
      exportRisks: '/v1/lists/hazards/export?track=gas',
      exportClosedLoop: '/v1/lists/closed-loop/export?track=gas',
      listBaseline: '/v1/lists/baseline',
      listRisks: '/v1/lists/hazards',
      listClosedLoop: '/v1/lists/closed-loop',
      getCampaign: '/v1/campaign',
      getPosition: `/v1/positions?stream=unit/${unit.id}&version=1`,
      traceInspections: `/v1/trace/units/${unit.id}/inspections?before=2025-07-01&months=3`,
      listChecklists: '/v1/campaign/checklists',
      traceClause: `/v1/trace/units/${unit.id}/clause?clause=GAS-01`,
      traceReminders: `/v1/trace/hazards/${hazard}/reminders`,
      traceResponsible: `/v1/trace/units/${unit.id}/responsible?on=2025-06-01`,
      traceDifference: `/v1/trace/units/${unit.id}/difference?knownAt=${registered}`,
      traceRecurrences: `/v1/trace/units/${unit.id}/recurrences`,
      traceEscalation: `/v1/trace/escalations/${proposed.body.id}`,
      traceAccess: `/v1/trace/units/${unit.id}/access?after=2025-01-01`,
      traceDossier: `/v1/trace/units/${unit.id}/dossier?on=2025-06-02&months=3`,
      traceReport: '/v1/trace/reports/monthly_2025-05_gas',
      traceMoments: `/v1/trace/hazards/${hazard}/moments`,
      traceLate: `/v1/trace/units/${unit.id}/late`,
      traceUnchecked: `/v1/trace/units/${unit.id}/unchecked?clause=GAS-09`,
      traceDeadlines: `/v1/trace/hazards/${hazard}/deadlines`,
      listAccesses: `/v1/accesses?unit=${unit.id}&after=2025-01-01T00:00:00Z`,
      getPerson: '/v1/directory?person=p-1',
      getNames: '/v1/directory/names?persons=p-1+p-2',
      getSystem: '/v1/system',
      listEscalations: '/v1/escalations?status=open',
      getEscalation: proposed.headers['location']!,
      getEscalatedHazard: `${proposed.headers['location']}/hazard`,
      getEscalatedUnit: `${proposed.headers['location']}/unit`,
      getEscalatedTimeline: `${proposed.headers['location']}/timeline`,
      getDossier: `${proposed.headers['location']}/dossiers/1`,
      getDossierProofs: `${proposed.headers['location']}/dossiers/1/proofs`,
      listRoster: '/v1/roster',
      getRoster: '/v1/roster/guijianban',
      listDeadlines: '/v1/deadlines',
      listReports: '/v1/reports?kind=monthly',
      getReport: '/v1/reports/monthly_2025-05_gas',
      listDutyDefinitions: '/v1/campaign/duties',
      listDuties: '/v1/duties?track=gas',
      listFacts: '/v1/facts?track=gas',
      getDuty: owed.headers['location']!,
      getHealth: '/health',
      listDeliveries: '/v1/deliveries?status=failed',
      getCheckpoint: '/log/checkpoint',
      getCheckpointOf: `/log/checkpoint/${size}`,
      getTimeStamp: `/log/checkpoint/${size}/timestamp`,
      getTimeStampRequest: `/log/checkpoint/${size}/timestamp/request`,
      getAttestations: '/v1/log/attestations',
      getVkey: '/log/vkey',
      getTile: '/log/tile/0/000.p/3',
      getEntries: '/log/tile/entries/000.p/3',
      getEvent: '/v1/events/0',
      getStoredEvent: '/v1/events/0/entry',
      getProof: '/v1/events/0/proof',
      getConsistency: '/v1/log/consistency?from=2',
      getIndexProof: `/v1/log/index?subject=unit/${unit.id}`,
    };
    for (const [name, path] of Object.entries(paths)) {
      const { body } = await town.get(path, office);
      seen.set(name as RouteName, Buffer.isBuffer(body) ? body.toString('latin1') : body);
    }
  });

  it.each(ROUTE_NAMES.filter((name) => ROUTES[name].kind === 'query'))('of %s are as the document says', (name) => {
    const route: Route = ROUTES[name];
    const { error } = route.answers[200]!.schema.safeParse(seen.get(name));
    expect(error?.issues).toBeUndefined();
  });

  it.each([
    'registerUnit',
    'recordInspection',
    'gradeHazard',
    'proposeEscalation',
    'runImport',
    'announceEvidence',
    'addCosignatures',
  ] as const)('to %s are too', (name) => {
    const { error } = ROUTES[name].answers[200]!.schema.safeParse(seen.get(name));
    expect(error?.issues).toBeUndefined();
  });

  it('list what is there', () => {
    expect(seen.get('listUnits')).toMatchObject({ items: [{ name: '1 Example St' }], cursor: expect.any(String) });
    expect(seen.get('listHazards')).toMatchObject({ items: [{ status: 'ordered', due: '2025-07-01T15:59:59.999Z' }] });
    expect(seen.get('getHealth')).toMatchObject({ status: 'ok', followers: { 'project@g1': { lag: 0 } } });
  });
});
