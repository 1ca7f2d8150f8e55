import { runAsPrinted } from './blocks.ts';
import { SCENES_OF_ORG } from './scenesOfOrg.ts';

describe('the commands of the pages, in an org', () => {
  runAsPrinted(SCENES_OF_ORG);
});
