// docs/permissions.md: who may do what, printed from the declarations. `npm run docs` writes it; test/docs/permissions.test.ts says when it
// is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { PERMISSIONS, type Action } from '../../functions/api/permissions.ts';
import { ROUTES } from '../../functions/api/routes.ts';
import { ROLE_NAMES } from '../../shared/reading/dictionary.ts';
import { ROLES, type Scope, type RoleScopes } from '../../shared/rules/roles.ts';

const PAGE = new URL('../../docs/permissions.md', import.meta.url);

/** As far as each reaches: a word for the table, and what it means. */
const SCOPES: Record<Scope, readonly [word: string, meaning: string]> = {
  town: ['全镇', 'everything in the town'],
  track: [
    '专项',
    'units and hazards of a track that one’s organisation leads or is responsible in, and hazards assigned to it',
  ],
  lead: ['牵头', 'hazards of a track that one’s organisation leads'],
  area: ['辖区', 'units in one’s village or residents’ committee, their hazards, and hazards assigned to it'],
  assigned: ['承办', 'hazards that one’s organisation is responsible for now'],
  own: ['本单位', 'the roster of one’s own organisation; the reports that it owes, or that come to it'],
  escalated: ['上报', 'what was escalated to one’s organisation, a district unit, and what it is about'],
  redacted: ['汇总', 'the town’s figures without those of single organisations'],
};

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
const cells = (all: readonly string[]): string => `| ${all.join(' | ')} |`;

export function permissionsPage(): string {
  // a bundler keeps modules in another order than Node
  const routes = Object.entries<{ action: Action | 'public'; zh: string }>(ROUTES).toSorted(byName);
  const rows = (Object.keys(PERMISSIONS) as Action[]).toSorted().map((action) => {
    const acts = routes.filter(([, route]) => route.action === action).map(([name, { zh }]) => `${zh} \`${name}\``);
    const may: RoleScopes = PERMISSIONS[action];
    return cells([`\`${action}\``, acts.join('<br>'), ...ROLES.map((role) => (may[role] ? SCOPES[may[role]][0] : ''))]);
  });
  return `# Who may do what

Printed from the declarations by \`npm run docs\`; a command's row is in its declaration (\`shared/rules/<noun>/commands.ts\`), the others in \`functions/api/permissions.ts\`.
Nobody edits or deletes: there is no such act. Whoever has several roles has what any of them gives. A cell says how far the role reaches:

${Object.values(SCOPES)
  .map(([word, meaning]) => `- ${word}: ${meaning}`)
  .join('\n')}

${cells(['action', 'what', ...ROLES.map((role) => `${ROLE_NAMES[role]} \`${role}\``)])}
${cells(['---', '---', ...ROLES.map(() => '---')])}
${rows.join('\n')}
`;
}

export const printedPage = (): string => readFileSync(PAGE, 'utf8');

if (import.meta.main) writeFileSync(PAGE, permissionsPage());
