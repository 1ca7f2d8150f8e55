import { Connection } from '@jsforce/jsforce-node';

import { createPracticeServer, type PracticeServer, type PracticeServerOptions } from '../../src/practice/practice.ts';
import { packageOf, type Piece, zipOf } from './appFiles.ts';
/** What one component of a deploy came to. */
export type Message = {
  fullName: string;
  componentType?: string;
  fileName?: string;
  problem?: string;
  problemType?: string;
  success: boolean;
  created?: boolean;
  changed?: boolean;
  deleted?: boolean;
};

export type Deployed = { status: string; success: boolean; failures: Message[]; successes: Message[] };

/** A practice org, and jsforce, a client that was not made for it. */
export type Practice = {
  server: PracticeServer;
  connection: Connection;
  /** A connection of another user. */
  as(userId: string): Connection;
  deploy(pieces: Piece[], options?: DeployOptions): Promise<Deployed>;
  /** The problems that a deploy has, one text. */
  problems(pieces: Piece[], options?: DeployOptions): Promise<string>;
  close(): Promise<void>;
};

export type DeployOptions = {
  version?: number;
  destroy?: Array<{ type: string; name: string }>;
  checkOnly?: boolean;
  rollbackOnError?: boolean;
  testLevel?: string;
  rest?: boolean;
  /** Names the files as in a project, with `-meta.xml` at the end. */
  metaXml?: boolean;
  connection?: Connection;
};

const listOf = <Item>(items: Item | Item[] | undefined): Item[] =>
  items === undefined ? [] : ([items].flat() as Item[]);

export const openPractice = async (options: PracticeServerOptions = {}, version = '67.0'): Promise<Practice> => {
  const server = await createPracticeServer(options);
  const connect = (accessToken: string): Connection => {
    const connection = new Connection({ instanceUrl: server.url, accessToken, version });
    connection.metadata.pollInterval = 5;
    return connection;
  };
  const connection = connect(server.accessToken);

  const deploy = async (pieces: Piece[], wanted: DeployOptions = {}): Promise<Deployed> => {
    const {
      version: packageVersion,
      destroy,
      metaXml,
      rest,
      connection: other,
      rollbackOnError = true,
      ...rest_
    } = wanted;
    const zip = zipOf(packageOf(pieces, { version: packageVersion, destroy, metaXml }));
    const { metadata } = other ?? connection;
    const deployOptions = { singlePackage: true, rollbackOnError, ...rest_ } as Parameters<typeof metadata.deploy>[1];
    const locator = rest ? metadata.deployRest(zip, deployOptions) : metadata.deploy(zip, deployOptions);
    const result = await locator.complete(true);
    const details = result.details as unknown as Record<string, Message | Message[] | undefined>;
    return {
      status: result.status,
      success: result.success,
      failures: listOf(details.componentFailures),
      successes: listOf(details.componentSuccesses),
    };
  };

  return {
    server,
    connection,
    deploy,
    as: (userId) =>
      connect(
        server.org.openSession({
          userId,
          scopes: ['full'],
          format: 'opaque',
          expiresAt: new Date(server.org.now().getTime() + 3_600_000),
        }).token,
      ),
    problems: async (pieces, wanted) => {
      const { failures } = await deploy(pieces, wanted);
      return failures.map(({ problem }) => problem).join('\n');
    },
    close: () => server.close(),
  };
};
