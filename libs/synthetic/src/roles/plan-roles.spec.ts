import { capitalise } from '../fill-slots.js';
import { ROLE_SENTENCES, ROLES, type Role } from '../vocabulary/role-phrases.js';
import { planRoles, type RolePlan } from './plan-roles.js';

const plans = planRoles(2000, 7);
const share = (of: readonly RolePlan[], is: (plan: RolePlan) => boolean): number =>
  of.filter(is).length / of.length;

test('15 % of declared roles are wrong, twice as many among the sourced ones', () => {
  const isWrong = (plan: RolePlan): boolean => plan.declared !== plan.role;
  expect(Math.abs(share(plans, isWrong) - 0.15)).toBeLessThan(0.025);
  expect(
    share(
      plans.filter((plan) => plan.role === 'sourced_by'),
      isWrong,
    ),
  ).toBeGreaterThan(0.23);
});

test('every role holds at least a tenth of the items', () => {
  for (const role of ROLES) expect(share(plans, (plan) => plan.role === role)).toBeGreaterThan(0.1);
});

test('the setting of a photo follows the true role, mostly, and only where the photo shows it', () => {
  const atWorkbench = (shownIn: string): number =>
    share(
      plans.filter((plan) => plan.shownIn === shownIn && plan.role === 'made_by'),
      (plan) => plan.photos[0]!.setting === 'workbench',
    );
  expect(atWorkbench('image')).toBeGreaterThan(0.8);
  expect(atWorkbench('image')).toBeLessThan(0.96);
  expect(atWorkbench('text')).toBe(0);
  expect(atWorkbench('neither')).toBe(0);
});

test('the text of most sellers who ticked another role supports what they ticked', () => {
  const telling = (role: Role, { description }: RolePlan): boolean =>
    ROLE_SENTENCES[role].some((sentence) => description.includes(capitalise(sentence.split('{')[0]!)));
  const lying = plans.filter((plan) => plan.shownIn === 'text' && plan.declared !== plan.role);
  expect(lying.length).toBeGreaterThan(50);
  expect(share(lying, (plan) => telling(plan.declared, plan))).toBeGreaterThan(0.65);
  expect(share(lying, (plan) => telling(plan.role, plan))).toBeLessThan(0.35);
});

test('the same seed plans the same items, another seed does not', () => {
  expect(planRoles(30, 1)).toEqual(planRoles(30, 1));
  expect(planRoles(30, 1)).not.toEqual(planRoles(30, 2));
});
