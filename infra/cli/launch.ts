// `daocha launch`: launches the campaign on a platform, with its first rule set, targets and checklists. The local
// platform does so at its start; on AWS an administrator does it once, through the API. Run again, it changes nothing.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LIANTANG_DUTIES } from '../../shared/rules/campaign/liantang-duties.ts';
import { LIANTANG_CHECKLISTS } from '../../shared/rules/campaign/checklists.ts';
import { LIANTANG, LIANTANG_RULES, LIANTANG_TARGETS } from '../../shared/rules/campaign/liantang.ts';
import type { CampaignDefinition, RuleSet } from '../../events/campaign.ts';
import { lackingIn, type Shipped } from '../../shared/rules/campaign/upgrade.ts';
import { DaochaError } from '../../events/errors.ts';
import { readJsonText } from '../../shared/json.ts';
import { connect, NotConnected, type ApiAnswer, type ApiClient } from './api-client.ts';
import { print, warn } from './print.ts';
import { plusDays, townDay } from '../../shared/town-time.ts';

const HELP = `Usage: daocha launch [--definition FILE] [--api URL] [--token TOKEN] [--data DIR]

Launches the campaign, publishes its first rule set and its checklists, sets its targets. Needs a token of the role admin.

  --definition FILE   JSON { definition, ruleSet, targets, checklists? } (the Liantang campaign of 2025 unless given)
  --api, --token      where and as whom (DAOCHA_API, DAOCHA_TOKEN; locally from the data directory)

Exit codes: 0 launched, now or before · 1 refused · 2 wrong usage · 3 the platform cannot be reached`;

/** @returns the exit code, see HELP */
export async function run(argv: string[]): Promise<number> {
  let flags;
  let seed: {
    definition: unknown;
    ruleSet: unknown;
    targets: readonly unknown[];
    checklists?: readonly unknown[];
    duties?: readonly unknown[];
  };
  try {
    flags = parseArgs({
      args: argv,
      options: {
        definition: { type: 'string' },
        api: { type: 'string' },
        token: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
    seed = flags.definition
      ? (readJsonText(readFileSync(flags.definition), flags.definition) as typeof seed)
      : {
          definition: LIANTANG,
          ruleSet: LIANTANG_RULES,
          targets: LIANTANG_TARGETS,
          checklists: LIANTANG_CHECKLISTS,
          duties: LIANTANG_DUTIES,
        };
    if (!seed.definition || !seed.ruleSet || !Array.isArray(seed.targets)) {
      throw new Error(`${flags.definition}: expected a JSON object with definition, ruleSet and targets (a list)`);
    }
  } catch (error) {
    warn(`${(error as Error).message}\nSee: daocha launch --help\n`);
    return 2;
  }
  if (flags.help) {
    print(`${HELP}\n`);
    return 0;
  }
  try {
    const client = await connect({ ...flags, role: 'admin' });
    const steps = [
      ...(await firstSteps(client, seed)),
      ...seed.targets.map((target) => ['/v1/campaign/targets', target] as const),
      ...(seed.checklists ?? []).map((checklist) => ['/v1/campaign/checklists', checklist] as const),
      ...(seed.duties ?? []).map((definition) => ['/v1/campaign/duties', definition] as const),
    ] as const;
    for (const [path, body] of steps) {
      const refused = await post(client, path, body);
      if (refused !== undefined) {
        warn(`${path}: ${refused}\n`);
        return 1;
      }
    }
    print(`The campaign is launched on ${client.api}. 专项行动已启动。\n`);
    return 0;
  } catch (error) {
    const expected = error instanceof DaochaError && error.expected ? `\n${error.expected}` : '';
    warn(`${(error as Error).message}${expected}\n`);
    return 3;
  }
}

type Step = readonly [path: string, body: unknown];

/** Launching and the first rule set; on a platform whose campaign an older daocha launched, what it lacks. */
async function firstSteps(client: ApiClient, seed: { definition: unknown; ruleSet: unknown }): Promise<Step[]> {
  const launch: Step[] = [
    ['/v1/campaign', seed.definition],
    ['/v1/campaign/rule-sets', seed.ruleSet],
  ];
  const { status, body } = await ask(client, 'GET', '/v1/campaign');
  const present = body as { definition: CampaignDefinition | null; ruleSets: RuleSet[] };
  if (status !== 200 || !present.definition) return launch;
  const { definition, ruleSets } = present;
  // rules hold from tomorrow on, once a second person has confirmed them
  const from = plusDays(townDay(new Date().toISOString()), 1);
  const { organisations, ruleSet } = lackingIn({ definition, ruleSets }, seed as Shipped, from);
  // nothing lacks: the same commands say whether it is the campaign that was meant
  if (ruleSet === undefined || ruleSets.length === 0) return launch;
  return [
    ...organisations.map((organisation): Step => ['/v1/organisations', organisation]),
    ['/v1/campaign/rule-sets', ruleSet],
  ];
}

async function post(client: ApiClient, path: string, body: unknown): Promise<string | undefined> {
  const { status, body: answer } = await ask(client, 'POST', path, body);
  if (status === 202) {
    const { proposal } = answer as { proposal?: string };
    print(`${path}: a second person has to confirm it (proposal ${proposal}). 须由第二人确认后生效。\n`);
  }
  if (status < 300) return undefined;
  const { detail, expected } = (answer ?? {}) as { detail?: string; expected?: string };
  return `HTTP ${status}: ${detail ?? 'refused'}${expected ? ` (expected: ${expected})` : ''}`;
}

/** @throws NotConnected when nobody answers */
function ask(client: ApiClient, method: 'GET' | 'POST', path: string, body?: unknown): Promise<ApiAnswer> {
  return client.request(method, path, body).catch((error: unknown) => {
    throw new NotConnected(
      `${client.api} does not answer (${(error as Error).message}).`,
      'api',
      'a platform that runs',
    );
  });
}
