import { registerActivationGradients } from './activation-gradients.js';
import { registerBroadcastGradients } from './broadcast-gradients.js';
import { registerComparisonGradients } from './comparison-gradients.js';
import { registerLinearGradients } from './linear-gradients.js';
import { registerReductionGradients } from './reduction-gradients.js';
import { linkTape } from './tape-links.js';

/** Replaces gradients of tfjs that fail, are wrong, leave the device, or take many ops. Doing it twice changes nothing. */
export function registerGradients(): void {
  registerReductionGradients();
  registerBroadcastGradients();
  registerActivationGradients();
  registerComparisonGradients();
  registerLinearGradients();
  linkTape();
}
