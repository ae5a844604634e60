// The tables. EVENTS is the only place where an event's content is written; LOG holds their global order and
// hashes; VIEWS is computed from them and can be computed again; ACCESS says who read what, and is append-only too;
// DIRECTORY alone knows names and telephone numbers, and can forget them.
// `Table`, not `TableV2`: global tables' resource type is the riskier one in AWS China. Nothing is ever deleted with the
// stack. The local platform creates its tables from these same declarations (metadata `daocha:table`).

import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type CfnTable,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, ManagedPolicy, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** Every way to change or remove a stored item. A commit is written once, by PutItem under a condition. */
export const FORBIDDEN_ON_EVENTS = [
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

/** The list indexes of VIEWS: sparse, overloaded; a document chooses its partition `lN` and its order `oN`. */
export const VIEW_INDEXES = [1, 2, 3].map((n) => ({ name: `lists${n}`, partition: `l${n}`, order: `o${n}` }));

export class Tables extends Construct {
  readonly events: Table;
  readonly log: Table;
  readonly views: Table;
  readonly access: Table;
  readonly directory: Table;
  /** For every function's role: an explicit Deny beats whatever a later policy allows by mistake. */
  readonly eventsAreImmutable: ManagedPolicy;

  constructor(scope: Construct, id: string, props: { eventsPolicy: boolean }) {
    super(scope, id);

    this.events = this.table('Events', 'events', {
      partitionKey: { name: 'stream', type: AttributeType.STRING },
      sortKey: { name: 'version', type: AttributeType.NUMBER },
      // Both images: the old one of a MODIFY or REMOVE record is the evidence of what was changed.
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      ...(props.eventsPolicy && { resourcePolicy: denyToEverybody() }),
    });
    this.log = this.table('Log', 'log', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      stream: StreamViewType.KEYS_ONLY,
    });
    this.views = this.table('Views', 'views', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
    });
    for (const index of VIEW_INDEXES) {
      this.views.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: { name: index.partition, type: AttributeType.STRING },
        sortKey: { name: index.order, type: AttributeType.STRING },
        projectionType: ProjectionType.ALL,
      });
    }

    this.access = this.table('Access', 'access', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      ...(props.eventsPolicy && { resourcePolicy: denyToEverybody() }),
    });

    this.directory = this.table('Directory', 'directory', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false },
    });
    Validations.of(this.directory).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'An erasure must be final: a table that can be restored to last week still knows whom it was told to forget.',
    });

    this.eventsAreImmutable = new ManagedPolicy(this, 'EventsAreImmutable', {
      description: 'Nobody may change or remove a stored event, or who read what',
      statements: [
        new PolicyStatement({
          effect: Effect.DENY,
          actions: FORBIDDEN_ON_EVENTS,
          resources: [this.events.tableArn, this.access.tableArn],
        }),
      ],
    });
  }

  private table(id: string, name: 'events' | 'log' | 'views' | 'access' | 'directory', props: TableProps): Table {
    const table = new Table(this, id, {
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
    });
    (table.node.defaultChild as CfnTable).addMetadata('daocha:table', name);
    return table;
  }
}

/** On the table itself, so that it binds administrators too: to change an event one must first, visibly, change this. */
function denyToEverybody(): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'EventsAreImmutable',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: FORBIDDEN_ON_EVENTS,
        // The table cannot name its own ARN while it is being created; in its own policy "*" is the table.
        resources: ['*'],
      }),
    ],
  });
}
