// A small town for the fuzzer: something at every stage, so that requests get beyond “there is no such thing”. Gives the ids, by the
// parameter that takes them.
import { streamKey } from '../../events/envelope.ts';
import { SupervisorAssigned } from '../../events/unit.ts';
import type { Role } from '../../shared/rules/roles.ts';
import type { RouteName } from '../../functions/api/routes.ts';
import { sha256Of } from '../../functions/runtime/dossier-store.ts';
import { putTimeStamp } from '../../shared/record/attest/timestamps.ts';
import type { ViewDeps } from '../../shared/reading/views/view.ts';
import { exampleOf } from '../support/builders.ts';
import { JPEG } from '../support/evidence.ts';
import { waitFor } from '../support/platform.ts';
import { recordEvents } from '../support/recorded.ts';

export interface Caller {
  role: Role;
  org: string;
  person: string;
}
export type Send = (method: string, path: string, as: Caller, body?: unknown) => Promise<Response>;

/** One person a role, in the organisation with which it reaches most of the seeded town; two of those who must not be one. */
export const CALLERS: Record<Role, Caller[]> = {
  inspector: [caller('inspector', 'guijianban')],
  village: [caller('village', 'village-01')],
  department: [caller('department', 'guijianban'), caller('department', 'guijianban', 'p-department-2')],
  operations: [caller('operations', 'chengyun')],
  office: [caller('office', 'office'), caller('office', 'office', 'p-office-2')],
  enforcement: [caller('enforcement', 'zhifadui')],
  leader: [caller('leader', 'leading-group')],
  district: [caller('district', 'district-construction')],
  auditor: [caller('auditor', 'office', 'p-auditor-1')],
  witness: [caller('witness', 'district-construction', 'p-witness-1')],
  subscriber: [caller('subscriber', 'office', 'p-subscriber-1')],
  importer: [caller('importer', 'office', 'p-importer-1')],
  admin: [caller('admin', 'office', 'p-admin-1')],
};

function caller(role: Role, org: string, person = `p-${role}-1`): Caller {
  return { role, org, person };
}

/** Values that exist. */
export interface World {
  /** for the parameter `id`, by the beginning of the path */
  ids: Record<string, string[]>;
  /** for the parameter `id` of an operation that needs something at one stage */
  staged: Partial<Record<RouteName, string[]>>;
  /** for other parameters, by their name */
  parameters: Record<string, (string | number)[]>;
  /** for fields of bodies, by their name */
  fields: Record<string, string[]>;
}

/** What leads to each stage of a hazard, and the operations that go on from there. */
const STAGES: {
  step?: [act: string, as: 'village' | 'department' | 'colleague' | 'office', body?: object];
  next: RouteName[];
}[] = [
  { next: ['gradeHazard'] },
  { step: ['gradings', 'department', { grade: 'general', basis: '可立即整改' }], next: ['assignHazard'] },
  {
    step: ['assignments', 'office', { to: 'guijianban' }],
    next: ['orderRectification', 'returnHazard', 'reassignHazard', 'proposeClosure'],
  },
  {
    step: ['orders', 'department', { measures: '更换软管', due: inDays(20), authority: '《城镇燃气管理条例》' }],
    next: ['requestExtension', 'submitRectification', 'refuseOrder', 'declareDanger', 'stateLimit'],
  },
  {
    step: ['extension-requests', 'village', { due: inDays(27), reason: '配件到货延迟' }],
    next: ['approveExtension', 'refuseExtension', 'setInterimControl'],
  },
  { step: ['submissions', 'village', { statement: '软管已更换' }], next: ['verifyRectification'] },
  { step: ['verifications', 'colleague', { result: 'passed', basis: '现场复查' }], next: ['signOffHazard'] },
  { step: ['sign-off', 'department'], next: [] },
];
const UNITS = ['u_1', 'u_2', 'u_3'];
const CLAUSES = [...STAGES, 'closure', 'unlinking', 'case', 'case'].map(
  (_, n) => `GAS-${String(n + 1).padStart(2, '0')}`,
);

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** @param tables of the platform: for what only its own clock records */
export async function seed(send: Send, tables: ViewDeps): Promise<World> {
  const [village, department, colleague] = [CALLERS.village[0]!, ...CALLERS.department] as [Caller, Caller, Caller];
  const [office, district] = [CALLERS.office[0]!, CALLERS.district[0]!];
  const people = { village, department, colleague, office };

  // oxlint-disable-next-line typescript/no-explicit-any
  const act = async (path: string, as: Caller, body: unknown = {}): Promise<any> => {
    const answer = await send('POST', path, as, body);
    // oxlint-disable-next-line typescript/no-explicit-any
    const said = (await answer.json()) as any;
    if (!answer.ok) throw new Error(`seeding: POST ${path} answers ${answer.status}: ${said.detail}`);
    return said;
  };
  const read = async (path: string): Promise<unknown> => (await send('GET', path, office)).json();

  for (const id of [...UNITS, 'u_8', 'u_9']) {
    await act('/v1/units', village, {
      id,
      name: `模糊测试${id}店`,
      address: `示例路${id}号`,
      area: 'village-01',
      tracks: ['gas'],
    });
  }
  await act('/v1/units/u_1/baselines', village, { track: 'gas', facts: { 气瓶数: 2 } });
  await act('/v1/units/u_1/risk-gradings', department, { to: 'C', basis: '现场评定' });
  await act('/v1/units/u_1/leases', village, { lease: 'l-1', lessor: '甲公司', lessee: '乙公司', from: '2025-01-01' });
  await act('/v1/units/u_1/supervisors', department, { ...SupervisorAssigned.example, person: 'p-inspector-1' });
  await act('/v1/directory', office, { person: 'p-inspector-1', name: '示例姓名', phone: '021-59250000' });
  const appointment = {
    appointment: 'a-1',
    post: 'liaison',
    person: 'p-inspector-1',
    from: '2025-05-01',
    basis: '任命',
  };
  await act('/v1/roster/guijianban/appointments', office, appointment);

  const sha256 = sha256Of(JPEG);
  const photo = { sha256, mediaType: 'image/jpeg' };
  const { upload } = await act('/v1/evidence', village, { ...photo, size: JPEG.length });
  if (upload) await send(upload.method, upload.url, village, { bytes: JPEG, headers: upload.headers });

  /** by clause, one of each unit */
  const found: string[][] = CLAUSES.map(() => []);
  for (const [nth, unit] of UNITS.entries()) {
    const inspected = await act('/v1/inspections', department, {
      id: `i_${nth + 1}`,
      unit,
      track: 'gas',
      mode: 'routine',
      answers: CLAUSES.map((clause, n) => ({ item: String(n + 1), clause, answer: 'problem', text: '软管老化' })),
      evidence: [photo],
    });
    for (const [n, { hazard }] of (inspected.findings as { hazard: string }[]).entries()) found[n]!.push(hazard);
    const plan = { id: `i_${nth + 7}`, unit, track: 'gas', plannedFor: `${inDays(3)}T09:00:00+08:00`, mode: 'routine' };
    await act('/v1/inspections/plans', department, { ...plan, inspectors: ['p-inspector-1'] });
  }
  const staged: World['staged'] = { missInspection: ['i_7', 'i_8', 'i_9'], closeUnit: ['u_9'], correctUnit: ['u_8'] };
  const steps = STAGES.flatMap(({ step }) => (step ? [step] : []));
  for (const [nth, { next }] of STAGES.entries()) {
    for (const operation of next) staged[operation] = found[nth]!;
    for (const hazard of found[nth]!) {
      for (const [what, as, body] of steps.slice(0, nth)) await act(`/v1/hazards/${hazard}/${what}`, people[as], body);
    }
  }
  const [closure, unlinking, one, two] = found.slice(STAGES.length) as [string[], string[], string[], string[]];
  for (const hazard of [...closure, ...unlinking]) {
    const duplicate = {
      kind: 'duplicate',
      of: found[0]![closure.indexOf(hazard)] ?? found[0]![unlinking.indexOf(hazard)],
    };
    await act(`/v1/hazards/${hazard}/closure-proposals`, department, { ...duplicate, reason: '同一问题' });
  }
  for (const hazard of unlinking) await act(`/v1/hazards/${hazard}/closure-confirmations`, office);
  Object.assign(staged, { confirmClosure: closure, unlinkDuplicate: unlinking });

  const cases: string[] = [];
  for (const hazard of [...one, ...two]) {
    const proposal = { limit: 'capacity', reason: '涉及跨镇管网', to: district.org };
    cases.push((await act(`/v1/hazards/${hazard}/escalations`, office, proposal)).id);
  }
  for (const id of cases) {
    await waitFor(`the dossier of ${id}`, async () => {
      const { status } = (await read(`/v1/escalations/${id}`)) as { status: string };
      return status === 'submitted';
    });
  }
  const [submitted, accepted, returned] = [cases.slice(0, 2), cases.slice(2, 4), cases.slice(4)];
  for (const id of accepted)
    await act(`/v1/escalations/${id}/acceptances`, district, { reference: '青安委办〔2025〕31号' });
  for (const id of returned) await act(`/v1/escalations/${id}/returns`, district, { missing: ['整改前后照片'] });
  await act(`/v1/escalations/${accepted[1]}/resolutions`, district, { decision: '责令停产停业整顿' });
  Object.assign(staged, {
    acceptEscalation: submitted,
    returnEscalation: submitted,
    addMaterial: returned,
    resolveEscalation: accepted.slice(0, 1),
    verifyEscalation: accepted.slice(1),
    acknowledgeReminder: found[3]!.slice(0, 1),
  });

  const store = { dynamo: tables.dynamo, table: tables.events };
  const reminded = { stream: streamKey(tables.tenant, 'hazard', found[3]![0]!), unit: 'u_1' };
  const reports = ['monthly_2025-05_gas', 'monthly_2025-06_gas'];
  await recordEvents(store, [
    exampleOf('ReminderIssued', reminded),
    ...reports.map((id) => exampleOf('ReportRequired', { stream: streamKey(tables.tenant, 'report', id) })),
  ]);
  const { events } = (await read(`/v1/hazards/${found[3]![0]}`)) as { events: { id: string }[] };
  await act(`/v1/reports/${reports[1]}/submissions`, department, { note: '本月新增隐患均已派发' });
  Object.assign(staged, {
    submitReport: reports.slice(0, 1),
    acceptReport: reports.slice(1),
    returnReport: reports.slice(1),
  });

  const signed = await waitFor('a signed checkpoint', async () => {
    const { log } = (await read('/health')) as { log: { size: number; signed: { size: number } | null } };
    return log.signed?.size === log.size && log.signed.size;
  });
  const stamp = {
    tsq: Buffer.of(1),
    tsr: Buffer.of(2),
    time: new Date(),
    authority: 'CN=T',
    serial: '1',
    policy: '1.2',
  };
  await putTimeStamp(tables, signed, { ...stamp, trusted: false });
  const hazards = found.flat();
  return {
    ids: {
      '/v1/units': UNITS,
      '/v1/hazards': hazards,
      '/v1/inspections': ['i_1', 'i_2', 'i_3'],
      '/v1/escalations': cases,
      '/v1/reports': reports,
      '/v1/trace/units': UNITS,
      '/v1/trace/hazards': hazards,
      '/v1/trace/escalations': cases,
      '/v1/trace/reports': reports,
      '/v1/trace/{subject}': ['u_1', hazards[20]!, cases[0]!, reports[0]!],
    },
    staged,
    parameters: {
      organisation: ['guijianban', 'village-01'],
      appointment: ['a-1'],
      district: ['district-construction'],
      round: [1],
      sha256: [sha256],
      size: [signed],
      position: [0, 1, signed - 1],
      index: ['000.p/2', '000'],
      level: ['0'],
      event: ['inspection/i_1/1'],
      stream: ['unit/u_1', `hazard/${hazards[20]}`],
      unit: ['u_1'],
      hazard: hazards,
      clause: ['GAS-01', 'GAS-99'],
      person: ['p-inspector-1'],
      persons: ['p-inspector-1 p-office-1'],
      atLeast: ['unit/u_1@1', '1'],
      area: ['village-01'],
      track: ['gas'],
      before: ['2099-01-01'],
    },
    fields: {
      unit: UNITS,
      hazard: hazards,
      escalation: cases,
      of: found[0]!,
      lease: ['l-1'],
      sha256: [sha256],
      reminder: [events.at(-1)!.id],
    },
  };
}
