// How a function is called with what a table's stream has, as the template would say: for tests of what reads streams.
export const SETTINGS = {
  function: 'f',
  batchSize: 7,
  batchingWindow: 0,
  maximumRetryAttempts: 2,
  maximumRecordAge: -1,
  bisect: true,
  reportsItemFailures: false,
  filters: [],
};
