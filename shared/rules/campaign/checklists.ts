// The checklists (检查表) that daocha ships: one a track, made from what section 三 of the plan asks to be looked at. A starting point: a town
// publishes its own as further versions or templates. An item's clause names the rule; the same clause found again is the same hazard.
import { checklistSchema, type Checklist } from '../../../events/campaign.ts';
import type { Track } from '../../../events/envelope.ts';

function checklist(template: string, track: Track, name: string, clauses: Record<string, string>): Checklist {
  const items = Object.entries(clauses).map(([clause, text], n) => ({ item: String(n + 1), clause, text }));
  return checklistSchema.parse({ template, version: 1, track, name, items });
}

export const LIANTANG_CHECKLISTS: readonly Checklist[] = [
  checklist('ebike-compound', 'ebike', '住宅小区电动自行车安全检查表', {
    'EB-01': '楼道、门厅、安全出口无电动自行车停放',
    'EB-02': '无电动自行车或电池进楼入户',
    'EB-03': '无飞线充电',
    'EB-04': '充电设施按“1：2，3分钟”标准配建',
    'EB-05': '充电区域配有简易消防设施并完好',
    'EB-06': '充电设施已完成直供电改造',
    'EB-07': '充电电费执行居民合表电价',
    'EB-08': '无长期停放的“僵尸车”',
    'EB-09': '无非法改装、拼装电池',
  }),
  checklist('hotwork-industry', 'hotwork-industry', '工贸企业用电动火检查表', {
    'HW-01': '监管责任明确到人、到岗',
    'HW-02': '动火作业经审批，作业票齐全',
    'HW-03': '电焊、切割等特种作业人员持证上岗',
    'HW-04': '动火点周边可燃物已清理或隔离',
    'HW-05': '动火现场有专人全程监护',
    'HW-06': '配电箱、线路无私拉乱接，无老化破损',
    'HW-07': '漏电保护装置齐全有效',
    'HW-08': '爆炸危险场所电气设备符合防爆要求',
    'HW-09': '高风险作业安全培训有记录',
  }),
  checklist('factory-fire', 'factory', '厂房仓库消防安全检查表', {
    'FA-01': '无违规“三合一”住宿',
    'FA-02': '疏散通道、安全出口、消防车通道畅通',
    'FA-03': '无违规生产、使用、储存危险化学品',
    'FA-04': '建筑消防设施齐全有效',
    'FA-05': '出租情形已签订安全管理协议',
    'FA-06': '基本信息、布局及承租情况与登记一致',
    'FA-07': '防火分隔完好，无擅自改变使用性质',
    'FA-08': '电气线路敷设符合要求',
    'FA-09': '安全管理人员经过培训',
  }),
  checklist('insulation-building', 'insulation', '建筑保温材料安全检查表', {
    'IN-01': '高层建筑外墙保温材料已调查，“一楼一牌”已设置',
    'IN-02': '外墙保护层无破损、开裂、脱落',
    'IN-03': '施工现场未违规使用易燃可燃装修材料',
    'IN-04': '保温层周边无违规动火作业',
    'IN-05': '防火分隔设置到位',
    'IN-06': '消防设施未停用',
    'IN-07': '冷库已备案，保温材料符合标准',
    'IN-08': '冷库制冷、用电、消防设施符合要求',
    'IN-09': '冷库日常管理、培训演练有记录',
  }),
  checklist('hotwork-crowded', 'hotwork-crowded', '人员密集场所动火作业“六必须”检查表', {
    'SM-01': '必须清理可燃物并采取隔离措施',
    'SM-02': '必须配备灭火器材和消防水源',
    'SM-03': '必须设置警戒或标识',
    'SM-04': '必须保持疏散通道畅通',
    'SM-05': '必须避免与火灾、爆炸危险作业交叉',
    'SM-06': '必须有专人全程监护',
    'SM-07': '动火作业已申报',
    'SM-08': '限额以下小型工程已登记备案',
  }),
  checklist('gas-restaurant', 'gas', '餐饮场所燃气安全检查表', {
    'GAS-01': '软管无老化、破损，长度不超过 2 米，不穿墙、不穿门窗',
    'GAS-02': '灶具有熄火保护装置',
    'GAS-03': '可燃气体报警装置已安装且有效',
    'GAS-04': '地下室、半地下室、高层建筑内未使用瓶装气',
    'GAS-05': '气瓶未堵占疏散通道，存放符合要求',
    'GAS-06': '气瓶在检验有效期内，来源合法',
    'GAS-07': '调压阀、连接管符合标准',
    'GAS-08': '用气场所通风良好',
    'GAS-09': '应实施“瓶改管”的已列入计划',
    'GAS-10': '从业人员会用气、会检查、会处置',
  }),
  checklist('construction-site', 'construction', '建筑施工安全检查表', {
    'CO-01': '项目关键岗位人员在岗履职，无“挂名不履职”',
    'CO-02': '无“以包代管”',
    'CO-03': '作业人员正确使用“一带一帽”',
    'CO-04': '高处作业防护到位',
    'CO-05': '动火作业经审批并有人监护',
    'CO-06': '起重机械检验合格、操作人员持证',
    'CO-07': '脚手架、模板支撑按方案搭设并验收',
    'CO-08': '现场消防设施齐全，临时用电规范',
    'CO-09': '限额以下小型工程已备案',
    'CO-10': '施工前已做燃气管线交底，开挖有旁站',
  }),
];
