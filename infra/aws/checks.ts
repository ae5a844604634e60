// The two rule packs that every synthesis of the app is checked with. A finding that nobody acknowledged, with its
// reason, beside the resource fails the synthesis.

import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, type NagPack, ServerlessChecks } from 'cdk-nag';

export const rulePacks = (app: App): NagPack[] => [new AwsSolutionsChecks(app), new ServerlessChecks(app)];

/** Has the app checked when it is synthesized. */
export function addChecks(app: App): void {
  Validations.of(app).addPlugins(...rulePacks(app));
}
