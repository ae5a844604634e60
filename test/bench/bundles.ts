// What Lambda loads: each function's bundle, and how long a new Node takes to import it.
import { measureBundle } from '../../infra/cli/bundle-report.ts';
import { FUNCTIONS } from '../../infra/aws/constructs/bundling.ts';
import { synthesize } from '../../infra/aws/synth.ts';
import type { Bench } from './options.ts';
import { fixed, judged, type Row, type Section } from './table.ts';

const API_KB = 750;

export async function bundlesSections(bench: Bench): Promise<Section[]> {
  bench.say('bundles');
  const template = synthesize();
  const rows: Row[] = [];
  for (const name of FUNCTIONS) {
    const { minified, gzipped, importMilliseconds } = await measureBundle(name, template);
    const figure = `${fixed(minified / 1000, 0)} KB, gzipped ${fixed(gzipped / 1000, 0)} KB, import ${fixed(importMilliseconds, 0)} ms`;
    rows.push(
      name === 'api' ? judged(name, minified / 1000, { atMost: API_KB, unit: 'KB' }, figure) : { what: name, figure },
    );
  }
  return [{ title: 'Bundles, the SDK inside', note: `Node ${process.versions.node}; median of five imports.`, rows }];
}
