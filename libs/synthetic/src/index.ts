export { synthesizeListings } from './listings/synthesize-listings.js';
export { synthesizeRoles } from './roles/synthesize-roles.js';
export { synthesizeConversations } from './conversations/synthesize-conversations.js';
export type { SyntheticOptions, SyntheticSummary } from './synthetic-options.js';
