// 复查 after the date, and orders into a year whose holidays nobody has announced: what the forms ask for and say.
import { expect, test } from 'vitest';
import { makeTownWithHazard } from './town.ts';

test('a rejection of what was submitted in time asks for a new date, and says what is proposed', async () => {
  const it = await makeTownWithHazard();
  const { now } = it.console.town;
  const hazard = it.path('/hazards/{hazard}');
  const department = await it.console.as('department', 'guijianban');
  const office = await it.console.as('office');
  const village = await it.console.as('village', 'village-01');
  await department.fill(`${hazard}/grade`, { grade: 'general', basis: '可立即整改' });
  await office.fill(`${hazard}/assign`, { to: 'guijianban' });
  await department.fill(`${hazard}/order`, { measures: '更换', due: '2025-06-03', authority: '条例' });
  await village.fill(`${hazard}/submit`, { statement: '已更换' });
  expect((await department.get(`${hazard}/verify`)).text).toContain('退回整改，期限不变');
  now.at = new Date('2025-06-04T02:00:00.000Z');
  const late = await it.console.as('department', 'guijianban');
  const form = (await late.get(`${hazard}/verify`)).text;
  expect(form).toContain('退回整改，须另定期限');
  // submitted on Monday the second, one working day before the date
  expect(form).toContain('建议 2025-06-05（提交时还剩 1 个工作日）');
  const refused = await late.fill(`${hazard}/verify`, { result: 'rejected', words: '未装到位' });
  expect([refused.status, refused.text.includes('请填写整改期限。')]).toEqual([422, true]);
  await late.fill(`${hazard}/verify`, { result: 'rejected', words: '未装到位', due: '2025-06-05' });
  const page = (await late.get(hazard)).text;
  expect(page).toContain('复查不通过');
  expect(page).toMatch(/历次期限[\s\S]*2025-06-03[\s\S]*2025-06-05/);
});

test('an order into a year without a notice is told in the form, and beside the date', async () => {
  const words = '2027 年放假安排尚未公布，提醒按周一至周五推算';
  const it = await makeTownWithHazard();
  const { now } = it.console.town;
  const hazard = it.path('/hazards/{hazard}');
  const early = await it.console.as('department', 'guijianban');
  await early.fill(`${hazard}/grade`, { grade: 'general', basis: '可立即整改' });
  await (await it.console.as('office')).fill(`${hazard}/assign`, { to: 'guijianban' });
  expect((await early.get(`${hazard}/order`)).text).not.toContain('尚未公布');
  now.at = new Date('2026-12-01T02:00:00.000Z');
  const department = await it.console.as('department', 'guijianban');
  expect((await department.get(`${hazard}/order`)).text).toContain(words);
  await department.fill(`${hazard}/order`, { measures: '更换', due: '2027-01-15', authority: '条例' });
  expect((await department.get(hazard)).text).toContain(words);
});
