import { runAsPrinted } from './blocks.ts';
import { scenesOfOrg } from './scenesOfOrg.ts';

describe('the commands of the pages, in an org', () => {
  runAsPrinted(scenesOfOrg);
});
