// The CDK app: `npx cdk synth`, `npx cdk deploy` (see cdk.json, docs/deploying.md). A finding of the two rule packs that
// nobody acknowledged, with a reason, beside the resource fails the synthesis.

import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

import { createApp } from './synth.ts';

const { app } = createApp();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
app.synth();
