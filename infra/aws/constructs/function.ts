// One Lambda function of the platform, with all defaults in one place: runtime, bundling, log retention, least
// privilege. What a function may touch is said by `bindTable` and `bindBus`, which give the name (environment) and the
// right (explicit actions) together: a function cannot know of a table that it may not use.

import { type Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { type IManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Charset, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { streamKey, type Category } from '../../../events/envelope.ts';
import { METRICS_NAMESPACE, VARIABLES, WRITER_SECRETS } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import { ASSETS_OF, BUNDLE, entryOf, type FunctionName, ROOT, scriptCommand } from './bundling.ts';

export interface DaochaFunctionProps {
  name: FunctionName;
  description: string;
  configuration: Configuration;
  /** The explicit Deny on changing events; every role carries it. */
  eventsAreImmutable: IManagedPolicy;
  memoryMegabytes: number;
  timeout: Duration;
  reservedConcurrency?: number | undefined;
}

/** What a function may do with a table; `partitions` narrows it to items under these partition keys. */
export interface TableGrant {
  actions: readonly string[];
  partitions?: readonly string[];
  indexes?: readonly string[];
}

export class DaochaFunction extends Construct {
  readonly lambda: NodejsFunction;
  /** Dimension `service` of the metrics that this function writes. */
  readonly serviceName: string;
  private readonly name: FunctionName;
  private readonly configuration: Configuration;

  constructor(scope: Construct, id: string, props: DaochaFunctionProps) {
    super(scope, id);
    const { configuration } = props;
    this.configuration = configuration;
    this.name = props.name;
    // With the tenant in it, towns that share an account have alarms of their own.
    this.serviceName = `${configuration.tenant}-${props.name}`;

    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What daocha's ${props.name} function may do`,
      managedPolicies: [props.eventsAreImmutable],
    });
    logGroup.grantWrite(role);

    this.lambda = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: entryOf(props.name),
      projectRoot: ROOT,
      depsLockFilePath: `${ROOT}/package-lock.json`,
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: configuration.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: props.memoryMegabytes,
      timeout: props.timeout,
      role,
      logGroup,
      awsSdkConnectionReuse: false,
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        [VARIABLES.tenant]: configuration.tenant,
        [VARIABLES.serviceName]: this.serviceName,
        [VARIABLES.metricsNamespace]: METRICS_NAMESPACE,
        [VARIABLES.logLevel]: 'INFO',
      },
      bundling: {
        format: OutputFormat.ESM,
        target: BUNDLE.target,
        minify: BUNDLE.minify,
        charset: Charset.UTF8,
        sourceMap: BUNDLE.sourceMap,
        sourcesContent: BUNDLE.sourcesContent,
        mainFields: BUNDLE.mainFields,
        banner: BUNDLE.banner,
        bundleAwsSDK: true,
        esbuildArgs: { '--alias': Object.entries(BUNDLE.alias).map(([from, to]) => `${from}=${to}`) },
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (input, output) => copyAssets(props.name, input, output),
        },
      },
    });
    (this.lambda.node.defaultChild as CfnFunction).addMetadata('daocha:function', props.name);

    Validations.of(this.lambda).acknowledge(
      {
        id: 'Serverless-LambdaTracing',
        reason: 'AWS China has no X-Ray for Lambda; requests are followed by correlation id in the logs.',
      },
      {
        id: 'Serverless-LambdaDLQ',
        reason:
          'By the API synchronously, by a stream mapping with its own on-failure queue, or by a schedule whose next run does the same.',
      },
    );
  }

  /** Tells the function a value. */
  setVariable(name: string, value: string | undefined): this {
    if (value !== undefined) this.lambda.addEnvironment(name, value);
    return this;
  }

  /**
   * Gives the function a table: its name in `variable` and the explicit rights on it. Who may add events signs for them, with a key of its
   * own.
   */
  bindTable(variable: string, table: Table, ...grants: TableGrant[]): this {
    this.lambda.addEnvironment(variable, table.tableName);
    if (variable === VARIABLES.eventsTable && grants.some(({ actions }) => actions.includes('PutItem'))) {
      this.bindSecrets(this.configuration.tenant, { names: [`${WRITER_SECRETS}/${this.name}`] });
    }
    for (const grant of grants) {
      this.lambda.addToRolePolicy(
        new PolicyStatement({
          actions: grant.actions.map((action) => `dynamodb:${action}`),
          resources: [table.tableArn, ...(grant.indexes ?? []).map((index) => `${table.tableArn}/index/${index}`)],
          ...(grant.partitions && {
            // `*` stands for whatever id a stream has
            conditions: {
              [grant.partitions.some((key) => key.includes('*'))
                ? 'ForAllValues:StringLike'
                : 'ForAllValues:StringEquals']: {
                'dynamodb:LeadingKeys': grant.partitions,
              },
            },
          }),
        }),
      );
    }
    return this;
  }

  /** Lets the function add events to streams of these kinds alone, and read whichever it needs. */
  recordIn(events: Table, reads: readonly string[], ...kinds: Category[]): this {
    const partitions = kinds.map((kind) => streamKey(this.configuration.tenant, kind, '*'));
    return this.bindTable(VARIABLES.eventsTable, events, { actions: reads }, { actions: ['PutItem'], partitions });
  }

  /** Gives the function secrets by name, and all in a folder (`channels` → `channels/<any>`), and tells it where they are. */
  bindSecrets(tenant: string, { names = [], folders = [] }: { names?: string[]; folders?: string[] }): this {
    const arns = (of: string[]): string[] =>
      of.map((name) =>
        Stack.of(this).formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: `daocha/${tenant}/${name}`,
        }),
      );
    this.lambda.addEnvironment(VARIABLES.secrets, `ssm:/daocha/${tenant}/`);
    // The key of SecureStrings that SSM makes needs no right of its own.
    const grant = (action: string, resources: string[]): void => {
      if (resources.length > 0) this.lambda.addToRolePolicy(new PolicyStatement({ actions: [action], resources }));
    };
    grant('ssm:GetParameter', arns(names));
    grant('ssm:GetParametersByPath', arns(folders));
    return this;
  }

  /** Gives the function the bus to publish on. */
  bindBus(variable: string, bus: IEventBus): this {
    this.lambda.addEnvironment(variable, bus.eventBusName);
    this.lambda.addToRolePolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }));
    return this;
  }
}

/** The shell commands that lay a function's assets beside its bundle. */
function copyAssets(name: FunctionName, input: string, output: string): string[] {
  const assets = ASSETS_OF[name];
  if (!assets) return [];
  const files = assets.files.map((file) => `"${input}/${assets.from}/${file}"`);
  const scripts = Object.entries(assets.scripts ?? {}).map(([file, entry]) =>
    scriptCommand(entry, `${output}/assets/${file}`)
      .map((word) => `"${word}"`)
      .join(' '),
  );
  return [`mkdir -p "${output}/assets"`, `cp ${files.join(' ')} "${output}/assets/"`, ...scripts];
}
