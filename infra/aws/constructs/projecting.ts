// Projecting: every new page of the log wakes the function that folds it into the views.

import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';

import { VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import type { Alarms } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import { followerGrants, wakeOnNewPage } from './following.ts';
import type { Tables } from './tables.ts';

export class Projecting extends Construct {
  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;

    const fn = new DaochaFunction(this, 'Project', {
      name: 'project',
      description: 'Folds new events into the views',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      timeout: Duration.minutes(5),
    });
    followerGrants(fn, tables, configuration, alarms);
    fn.bindTable(VARIABLES.viewsTable, tables.views, {
      actions: ['GetItem', 'BatchGetItem', 'PutItem', 'BatchWriteItem'],
    });

    alarms.watchFunction(fn, 'project', { retried: true });
    wakeOnNewPage(this, { fn, name: 'project', tables, configuration, alarms });
  }
}
