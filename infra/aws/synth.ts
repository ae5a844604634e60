// The platform's template in process. The CDK app (infra/aws/app.ts) uses it, the stack tests, and the local platform, which
// takes its tables, functions and event source mappings from here: what is declared in the CDK is declared nowhere else.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, type AppProps } from 'aws-cdk-lib';

import { readConfiguration } from './configuration.ts';
import { DaochaStack } from './stack.ts';

/** A CloudFormation template, as JSON. */
export interface SynthesizedTemplate {
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown }>;
  [section: string]: unknown;
}

export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
  /** `daocha:table` = events | log | views; `daocha:function` = the folder under functions/. */
  Metadata?: Record<string, unknown>;
  DependsOn?: string | string[];
  [attribute: string]: unknown;
}

export interface SynthesizeOptions {
  /** Bundle the functions' code, which takes seconds; without it the assets are placeholders. Default false. */
  bundle?: boolean;
  /** Context as `-c key=value` would give it. */
  context?: Record<string, unknown>;
}

// Bundling (seconds) and CloudFormation's own validator (1.5 s) are left to `cdk synth`.
const UNBUNDLED = { 'aws:cdk:bundling-stacks': [] };

/** The CDK app with its one stack. */
export function createApp(props: AppProps = {}): { app: App; stack: DaochaStack } {
  const app = new App(props);
  const configuration = readConfiguration(app.node);
  const stack = new DaochaStack(app, `daocha-${configuration.tenant}`, configuration);
  return { app, stack };
}

/**
 * Synthesizes the template in process and leaves nothing on disk.
 * @throws InvalidInput when a context key is malformed
 */
export function synthesize(options: SynthesizeOptions = {}): SynthesizedTemplate {
  const outdir = mkdtempSync(join(tmpdir(), 'daocha-synth-'));
  try {
    const { app, stack } = createApp({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
      context: { ...options.context, ...(!options.bundle && UNBUNDLED) },
    });
    return app.synth().getStackByName(stack.stackName).template as SynthesizedTemplate;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
