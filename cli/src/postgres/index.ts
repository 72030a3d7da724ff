/** The embedded PostgreSQL of a project. */
export { emptyPostgres } from './empty-postgres.ts'
export { findPostgres, type Postgres, type PostgresOptions, startPostgres } from './start-postgres.ts'
export { StartProblem } from './start-problem.ts'
