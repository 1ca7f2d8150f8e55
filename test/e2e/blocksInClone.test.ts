import { runAsPrinted } from './blocks.ts';
import { scenesOfClone } from './scenesOfClone.ts';

describe('the commands of the pages, in a clone', () => {
  runAsPrinted(scenesOfClone);
});
