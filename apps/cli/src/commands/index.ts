import type { CommandModule } from 'yargs';
import { configCommand } from './config.js';
import { dataCommand } from './data.js';
import { doctorCommand } from './doctor.js';
import { evaluateCommand } from './evaluate.js';
import { mlflowCommand } from './mlflow.js';
import { prepareCommand } from './prepare.js';
import { promoteCommand } from './promote.js';
import { publishCommand } from './publish.js';
import { quickstartCommand } from './quickstart.js';
import { rollbackCommand } from './rollback.js';
import { serveCommand } from './serve.js';
import { synthesizeCommand } from './synthesize.js';
import { trainCommand } from './train.js';
import { versionsCommand } from './versions.js';

/** Every command, in the order of the main job. */
export const commands = [
  quickstartCommand,
  synthesizeCommand,
  prepareCommand,
  dataCommand,
  trainCommand,
  evaluateCommand,
  publishCommand,
  promoteCommand,
  rollbackCommand,
  versionsCommand,
  serveCommand,
  mlflowCommand,
  configCommand,
  doctorCommand,
] as unknown as CommandModule[]; // each has argument types of its own
