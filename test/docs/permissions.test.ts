// docs/permissions.md is what the declarations say.
import { expect, test } from 'vitest';
import { permissionsPage, printedPage } from '../support/permissions-page.ts';

test('docs/permissions.md is printed from the declarations', () => {
  expect(printedPage(), 'out of date: run `npm run docs`').toBe(permissionsPage());
});
