// The rule packs find nothing that was not acknowledged, and no acknowledgement has outlived its finding.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { afterAll, describe, expect, it } from 'vitest';

import { addChecks, rulePacks } from '../../../infra/aws/checks.ts';
import { createApp } from '../../../infra/aws/synth.ts';

const outdir = mkdtempSync(join(tmpdir(), 'daocha-checks-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

const create = (): { app: App; stack: Stack } => createApp({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });

/** Findings as `rule at construct path`; with `heed: false`, those that were acknowledged too. */
function findings(app: App, { heed = true } = {}): string[] {
  const packs = rulePacks(app);
  if (!heed) for (const pack of packs) Object.assign(pack, { isAcknowledged: () => false });
  return packs
    .flatMap((pack) => pack.validateScope(app).violations)
    .flatMap(({ ruleName, violatingResources }) => violatingResources.map((r) => `${ruleName} at ${r.constructPath}`));
}

interface Acknowledged {
  construct: IConstruct;
  rule: string;
  reason: string;
}

function acknowledgements(app: App): Acknowledged[] {
  return app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries(data as Record<string, string>).map(([id, reason]) => ({
          construct,
          rule: id.replace(/^annotation::/i, ''),
          reason,
        })),
      ),
  );
}

describe('rule packs', () => {
  it('find nothing unacknowledged', () => {
    expect(findings(create().app)).toEqual([]);
  });

  it('would find something: a bucket that is not encrypted in transit', () => {
    const { app, stack } = create();
    new Bucket(stack, 'Careless');
    expect(findings(app).some((finding) => finding.startsWith('AwsSolutions-S10 at '))).toBe(true);
  });

  it('stop the synthesis at a finding, and only then', () => {
    const careless = create();
    new Bucket(careless.stack, 'Careless');
    addChecks(careless.app);
    expect(() => careless.app.synth()).toThrow(/validation/i);
    const good = create();
    addChecks(good.app);
    expect(() => good.app.synth()).not.toThrow();
  });

  it('every acknowledgement has a reason in words, and answers a finding that would be there without it', () => {
    const { app } = create();
    const acknowledged = acknowledgements(app);
    expect(acknowledged.length).toBeGreaterThan(0);
    const found = findings(app, { heed: false });
    for (const { construct, rule, reason } of acknowledged) {
      expect(reason.split(' ').length, rule).toBeGreaterThan(6);
      expect(
        found.some((finding) => finding.startsWith(`${rule} at ${construct.node.path}`)),
        `${rule} at ${construct.node.path}`,
      ).toBe(true);
    }
  });
});
