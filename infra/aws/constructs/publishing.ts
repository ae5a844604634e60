// Publishing: every new page of the log wakes the function that puts its events on the bus as CloudEvents, in the log's
// order. The bus is the classic one (the newer kind has no endpoint in AWS China). Its archive lets a new subscriber
// replay; whoever needs order or completeness follows the log instead.

import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';

import { VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import type { Alarms } from './alarms.ts';
import { DaochaFunction } from './function.ts';
import { followerGrants, wakeOnNewPage } from './following.ts';
import type { Tables } from './tables.ts';

export class Publishing extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, props: { configuration: Configuration; tables: Tables; alarms: Alarms }) {
    super(scope, id);
    const { configuration, tables, alarms } = props;

    this.bus = new EventBus(this, 'Bus', {
      description: `Events of ${configuration.tenant}'s safety campaign, as CloudEvents`,
    });
    this.bus.archive('Archive', {
      description: `Events of ${configuration.tenant}'s safety campaign, for replay to new subscribers`,
      eventPattern: { account: [this.bus.env.account] },
      retention: Duration.days(90),
    });

    const fn = new DaochaFunction(this, 'Publish', {
      name: 'publish',
      description: 'Puts new events on the bus',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 512,
      timeout: Duration.minutes(5),
    });
    followerGrants(fn, tables, configuration, alarms);
    fn.bindBus(VARIABLES.busName, this.bus);

    alarms.watchFunction(fn, 'publish', { retried: true });
    wakeOnNewPage(this, { fn, name: 'publish', tables, configuration, alarms });
  }
}
