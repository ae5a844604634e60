// The HTTP API. Its JWT authorizer turns away every token that the configured issuer did not sign, before a function
// runs; the api function checks the token again and decides by role. Only health and the documentation are public.

import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, type HttpRoute, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { VARIABLES, WEBHOOK_SECRETS } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import type { Alarms } from './alarms.ts';
import { bindDossiers } from './escalating.ts';
import { DaochaFunction } from './function.ts';
import { type Tables, VIEW_INDEXES } from './tables.ts';

/** Requests per second and at once, for the whole town: a runaway client is stopped, an import is not. */
const THROTTLE = { rateLimit: 200, burstLimit: 400 };

/** What the function `district` serves; everything else is the API's. */
const DISTRICT_PATHS = ['/v1/escalations', '/v1/escalations/{proxy+}', '/v1/hazards/{id}/escalations'];

export class Api extends Construct {
  readonly http: HttpApi;
  readonly stage: HttpStage;
  /** turns away every token that the issuer did not sign */
  readonly authorizer: HttpJwtAuthorizer;

  constructor(
    scope: Construct,
    id: string,
    props: { configuration: Configuration; tables: Tables; alarms: Alarms; dossiers: Bucket },
  ) {
    super(scope, id);
    const { configuration, tables, alarms, dossiers } = props;
    const api = this.apiFunction(configuration, tables);
    const district = this.districtFunction(configuration, tables, dossiers);
    const docs = new DaochaFunction(this, 'Docs', {
      name: 'docs',
      description: 'The API documentation',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 512,
      timeout: Duration.seconds(10),
    });
    alarms.watchFunction(api, 'api', { retried: false });
    alarms.watchFunction(district, 'district', { retried: false });
    alarms.watchFunction(docs, 'docs', { retried: false });

    this.http = new HttpApi(this, 'Http', {
      apiName: `daocha-${configuration.tenant}`,
      description: `Commands and queries of ${configuration.tenant}'s safety campaign`,
      createDefaultStage: false,
    });
    this.stage = this.accessLoggedStage();

    const toApi = new HttpLambdaIntegration('Api', api.lambda);
    const toDocs = new HttpLambdaIntegration('Docs', docs.lambda);
    const toDistrict = new HttpLambdaIntegration('District', district.lambda);
    this.authorizer = new HttpJwtAuthorizer('Issuer', configuration.issuer, { jwtAudience: [configuration.audience] });
    const { authorizer } = this;
    this.http.addRoutes({ path: '/{proxy+}', methods: [HttpMethod.ANY], integration: toApi, authorizer });
    for (const path of DISTRICT_PATHS) {
      this.http.addRoutes({ path, methods: [HttpMethod.ANY], integration: toDistrict, authorizer });
    }
    const signed = this.http.addRoutes({
      path: '/v1/webhooks/districts/{district}',
      methods: [HttpMethod.POST],
      integration: toDistrict,
    });
    const open = [
      ...this.http.addRoutes({ path: '/health', methods: [HttpMethod.GET], integration: toApi }),
      ...['/docs', '/docs/{proxy+}', '/openapi.json'].flatMap((path) =>
        this.http.addRoutes({ path, methods: [HttpMethod.GET], integration: toDocs }),
      ),
    ];
    open.forEach((route) =>
      acknowledgeOpen(route, 'Health and the documentation are public by intent: they hold no record of the campaign.'),
    );
    signed.forEach((route) =>
      acknowledgeOpen(
        route,
        'A district’s own system has no token: it signs what it sends, and the function checks that.',
      ),
    );

    alarms.add(this, 'ServerErrorsAlarm', {
      metric: this.http.metricServerError({ period: Duration.minutes(5), statistic: 'Sum' }),
      says: 'The API answered requests with 5xx.',
      runbook: 'api-5xx',
    });
  }

  private apiFunction(configuration: Configuration, tables: Tables): DaochaFunction {
    const fn = new DaochaFunction(this, 'Api', {
      name: 'api',
      description: 'Commands and queries over HTTP',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      // Just under the 30 s after which the HTTP API gives up on it.
      timeout: Duration.seconds(29),
    });
    // A transaction of several commits is authorised by the PutItem of its parts.
    fn.bindTable(VARIABLES.eventsTable, tables.events, {
      actions: ['BatchGetItem', 'Query', 'PutItem'],
    });
    fn.bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['BatchGetItem', 'GetItem', 'Query'] },
      // Cosignatures that witnesses bring, their copies for write-once storage, what units are called; no checkpoint.
      {
        actions: ['PutItem'],
        partitions: ['cosignature', 'to-archive', 'unit-name'].map((name) => `${configuration.tenant}#${name}`),
      },
    );
    fn.bindTable(VARIABLES.viewsTable, tables.views, {
      actions: ['BatchGetItem', 'GetItem', 'Query'],
      indexes: VIEW_INDEXES.map((index) => index.name),
    });
    fn.bindTable(VARIABLES.directoryTable, tables.directory, { actions: ['BatchGetItem', 'GetItem', 'PutItem'] });
    fn.bindTable(VARIABLES.accessTable, tables.access, { actions: ['PutItem', 'Query'] });
    return signIn(fn, configuration).setVariable(VARIABLES.witnesses, configuration.witnesses);
  }

  private districtFunction(configuration: Configuration, tables: Tables, dossiers: Bucket): DaochaFunction {
    const fn = new DaochaFunction(this, 'District', {
      name: 'district',
      description: 'Cases that go beyond the town, and their dossiers',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      memoryMegabytes: 1024,
      timeout: Duration.seconds(29),
    });
    fn.recordIn(tables.events, ['BatchGetItem', 'Query'], 'escalation');
    fn.bindTable(VARIABLES.logTable, tables.log, { actions: ['GetItem', 'BatchGetItem', 'Query'] });
    fn.bindTable(VARIABLES.viewsTable, tables.views, {
      actions: ['BatchGetItem', 'GetItem', 'Query'],
      indexes: VIEW_INDEXES.map((index) => index.name),
    });
    fn.bindTable(VARIABLES.accessTable, tables.access, { actions: ['PutItem'] });
    bindDossiers(fn, 'GetObject', dossiers, configuration);
    fn.bindSecrets(configuration.tenant, { folders: [WEBHOOK_SECRETS] });
    return signIn(fn, configuration);
  }

  private accessLoggedStage(): HttpStage {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    return new HttpStage(this, 'Stage', {
      httpApi: this.http,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        // Who asked for what, and how it went; never the query string or a body, which may name people.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            at: '$context.requestTime',
            ip: '$context.identity.sourceIp',
            person: '$context.authorizer.claims.sub',
            method: '$context.httpMethod',
            route: '$context.routeKey',
            path: '$context.path',
            status: '$context.status',
            milliseconds: '$context.responseLatency',
            bytes: '$context.responseLength',
            refused: '$context.authorizer.error',
            failed: '$context.integrationErrorMessage',
          }),
        ),
      },
    });
  }
}

/** Tells a function how callers sign in. */
export function signIn(fn: DaochaFunction, configuration: Configuration): DaochaFunction {
  return fn
    .setVariable(VARIABLES.issuer, configuration.issuer)
    .setVariable(VARIABLES.audience, configuration.audience)
    .setVariable(VARIABLES.jwksUrl, configuration.jwksUrl)
    .setVariable(VARIABLES.rolesClaim, configuration.claims.roles)
    .setVariable(VARIABLES.organisationClaim, configuration.claims.organisation)
    .setVariable(VARIABLES.postClaim, configuration.claims.post)
    .setVariable(VARIABLES.tokenHours, configuration.tokenHours);
}

function acknowledgeOpen(route: HttpRoute, reason: string): void {
  Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
}
