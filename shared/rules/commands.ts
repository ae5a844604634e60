// Every declared command, by its operation id. A new kind of thing is a line here.
import * as campaign from './campaign/commands.ts';
import * as duty from './duty/commands.ts';
import * as escalation from './escalation/commands.ts';
import * as hazard from './hazard/commands.ts';
import * as inspection from './inspection/commands.ts';
import * as person from './person/commands.ts';
import * as proposal from './proposal/commands.ts';
import * as report from './report/commands.ts';
import * as roster from './roster/commands.ts';
import * as unit from './unit/commands.ts';

export const COMMANDS = {
  ...unit,
  ...inspection,
  ...hazard,
  ...escalation,
  ...report,
  ...duty,
  ...proposal,
  ...roster,
  ...person,
  ...campaign,
};
