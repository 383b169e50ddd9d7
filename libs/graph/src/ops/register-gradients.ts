import { registerActivationGradients } from './activation-gradients.js';
import { registerBroadcastGradients } from './broadcast-gradients.js';
import { registerComparisonGradients } from './comparison-gradients.js';
import { registerReductionGradients } from './reduction-gradients.js';

/** Replaces gradients of tfjs that fail, leave the device, or take many ops. Doing it twice changes nothing. */
export function registerGradients(): void {
  registerReductionGradients();
  registerBroadcastGradients();
  registerActivationGradients();
  registerComparisonGradients();
}
