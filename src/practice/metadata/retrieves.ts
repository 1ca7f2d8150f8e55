import { phasesOf } from './jobs.ts';
import type { Manifest } from './manifest.ts';
import { type MetadataReader, retrieve, type Retrieved } from './read.ts';
/** A retrieve that was taken on; `files` is there once it is done. */
type Retrieval = { status: 'Pending' | 'InProgress' | 'Succeeded'; files?: Retrieved };

/** The retrieves of an org, by id. */
export class Retrieves {
  readonly #all = new Map<string, Retrieval>();

  /**
   * Takes a retrieve on and gives its id. The components are read when the retrieve gets in progress. Later changes are
   * not in the files, though the files are returned later.
   */
  start(reader: MetadataReader, manifest: Manifest, singlePackage: boolean): string {
    const { org } = reader;
    const id = org.newId('RetrieveRequest');
    const retrieval: Retrieval = { status: 'Pending' };
    this.#all.set(id, retrieval);
    const { queued, inProgress } = phasesOf(org.jobTime);
    org.later(queued, () => {
      const files = retrieve(reader, manifest, singlePackage);
      retrieval.status = 'InProgress';
      org.later(inProgress, () => Object.assign(retrieval, { status: 'Succeeded', files }));
    });
    return id;
  }

  /** The answer of checkRetrieveStatus, in the order of the WSDL; empty for an unknown id. */
  status(id: string, withZip: boolean): Record<string, unknown> | undefined {
    const retrieval = this.#all.get(id);
    if (!retrieval) return undefined;
    const { status, files } = retrieval;
    return {
      done: files !== undefined,
      fileProperties: files?.properties,
      id,
      messages: files?.messages,
      status,
      success: files !== undefined,
      zipFile: files && withZip ? Buffer.from(files.zip).toString('base64') : undefined,
    };
  }
}
