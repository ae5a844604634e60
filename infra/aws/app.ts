// The CDK app: `npx cdk synth`, `npx cdk deploy` (see cdk.json, docs/deploying.md).

import { DaochaError } from '../../events/errors.ts';
import { addChecks } from './checks.ts';
import { createApp } from './synth.ts';

try {
  const { app } = createApp();
  addChecks(app);
  app.synth();
} catch (error) {
  if (!(error instanceof DaochaError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
