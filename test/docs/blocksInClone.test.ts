import { runAsPrinted } from './blocks.ts';
import { SCENES_OF_CLONE } from './scenesOfClone.ts';

describe('the commands of the pages, in a clone', () => {
  runAsPrinted(SCENES_OF_CLONE);
});
