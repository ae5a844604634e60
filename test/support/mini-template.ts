// A hand-made template with one of everything that the local platform reads, for tests of the local platform itself.

import type { Template } from '../../infra/local/template.ts';

export const MINI_TEMPLATE: Template = {
  Resources: {
    Events: {
      Type: 'AWS::DynamoDB::Table',
      Metadata: { 'daocha:table': 'events' },
      Properties: {
        KeySchema: [
          { AttributeName: 'stream', KeyType: 'HASH' },
          { AttributeName: 'version', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'stream', AttributeType: 'S' },
          { AttributeName: 'version', AttributeType: 'N' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      },
    },
    Log: {
      Type: 'AWS::DynamoDB::Table',
      Metadata: { 'daocha:table': 'log' },
      Properties: {
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
      },
    },
    Views: {
      Type: 'AWS::DynamoDB::Table',
      Metadata: { 'daocha:table': 'views' },
      Properties: {
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: ['pk', 'sk', 'l1', 'o1', 'l2', 'o2', 'l3', 'o3'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        GlobalSecondaryIndexes: [1, 2, 3].map((n) => ({
          IndexName: `lists${n}`,
          KeySchema: [
            { AttributeName: `l${n}`, KeyType: 'HASH' },
            { AttributeName: `o${n}`, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        })),
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
  },
};
