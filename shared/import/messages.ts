// What an import tells people, each sentence in Chinese and in English, as data: a row, a file or a value is refused or noted through `say`
// alone, so that nobody is told in one language only. `{name}` is filled in from the facts.
import { InvalidInput, type ErrorDetails } from '../../events/errors.ts';
import { cutText } from '../text.ts';
import { townMinute } from '../town-time.ts';

const READ = {
  zh: '能读的是 UTF-8（有无字节顺序标记均可）和 GBK。在表格软件中请另存为“CSV UTF-8”。',
  en: 'Read are UTF-8 (with or without byte order mark) and GBK. In a spreadsheet: save as “CSV UTF-8”.',
};
const DATES =
  '2025-05-08, 2025-05-08 14:30, 2025/5/8, 2025.5.8, 20250508, 2025年5月8日, 2025年5月8日下午2:30, 2025-05-08T14:30:00+08:00';
const AS_TEXT = {
  zh: '请把这一列设为文本格式，重新填入原来的编号',
  en: 'format the column as text and enter the number again as it was',
};
/** `--alike one` was said, and the rows do not say which one. */
export const NOT_ONE = {
  zh: '加了 --alike one 也不能定：不止一个编号或地址，或没有一种可用的写法。请在表里统一写法，补上编号和地址；不是同一家请加 --alike apart',
  en: '--alike one does not settle it: there are several numbers or addresses, or no spelling that may be used; write them one way, with number and address, or import with --alike apart if they are several',
};
export const ALIKE = {
  zh: '是同一家请统一写法或加 --alike one，不是同一家请加 --alike apart',
  en: 'write it one way or import with --alike one if it is one unit, with --alike apart if they are several',
};

export const MESSAGES = {
  // the file as a whole
  'file-empty': { zh: '文件是空的。', en: 'The file is empty.' },
  'file-foreign': {
    zh: `文件不能读取：{found}。${READ.zh}`,
    en: `The file cannot be read: it is {found}. ${READ.en}`,
  },
  'file-nul': {
    zh: `文件第 {line} 行有空字符（U+0000）：是二进制数据，不是文本。${READ.zh}`,
    en: `Line {line} of the file holds a NUL character (U+0000): it is binary data, not text. ${READ.en}`,
  },
  'file-not-so': {
    zh: `文件不是 {encoding} 编码。${READ.zh}`,
    en: `The file is not in {encoding}. ${READ.en}`,
  },
  'file-ambiguous': {
    zh: '文件的编码不能确定：按 UTF-8 读是“{utf8}”，按 GBK 读是“{gbk}”。请另存为“CSV UTF-8”，或者注明 --encoding gbk 或 --encoding utf-8。',
    en: 'The encoding of the file is ambiguous: as UTF-8 it reads “{utf8}”, as GBK “{gbk}”. Save as “CSV UTF-8”, or say --encoding gbk or --encoding utf-8.',
  },
  'file-unsure': {
    zh: '文件不是 UTF-8，非英文字符太少，不足以断定是 GBK：按 GBK 读是“{gbk}”。读得对请注明 --encoding gbk；否则请另存为“CSV UTF-8”（--encoding utf-8）。',
    en: 'The file is not UTF-8, and has too few characters outside of ASCII to be sure that it is GBK, as which it reads “{gbk}”. If that is right, say --encoding gbk; else save as “CSV UTF-8” (--encoding utf-8).',
  },
  'file-gzip': {
    zh: '文件不能解压：不是完整的 gzip 文件。',
    en: 'The file cannot be unpacked: it is not a complete gzip file.',
  },
  'file-no-heading': { zh: '文件没有表头行。', en: 'The file has no heading line.' },
  'file-no-rows': {
    zh: '文件只有表头（第 {line} 行），没有一条记录；请核对是不是这个文件。',
    en: 'The file has headings (line {line}) and no row; check that it is the right file.',
  },
  'file-second-table': {
    zh: '第 {line} 行又是一行表头，列的顺序与前面的不同；请把两张表分成两个文件。',
    en: 'Line {line} holds headings again, in another order than before; put the two tables into two files.',
  },
  'file-broken': {
    zh: '文件是 {encoding} 编码，但第 {line} 行{where}有一个坏字节（0x{byte}），在“{before}”之后，原来的字已经丢失。请改正这一格，再另存为“CSV UTF-8”。',
    en: 'The file is in {encoding}, but on line {line}, {where}, it has a broken byte (0x{byte}) after “{before}”; what stood there is lost. Correct that cell and save as “CSV UTF-8”.',
  },
  'file-unclosed': {
    zh: '文件从第 {line} 行起不能读取：有引号（"）开始的字段没有结束。',
    en: 'The file cannot be read from line {line} on: a quotation mark (") opens a field and is never closed.',
  },
  'file-unreadable': {
    zh: '文件从第 {line} 行起不能读取：{why}。',
    en: 'The file cannot be read from line {line} on: {why}.',
  },
  'file-separator': {
    zh: '第 {line} 行说明字段以“{found}”分隔；请另存为以逗号分隔的 CSV。',
    en: 'Line {line} says that fields are separated by “{found}”; save the file with commas.',
  },
  'file-missing': {
    zh: '这个文件不能按 {source} 读取：缺少 {missing} 列。读到的表头（第 {line} 行）：{found}。',
    en: 'This file cannot be read as {source}: column {missing} is missing. Headings found: {found} (line {line}).',
  },
  'file-missing-separator': {
    zh: '字段似乎不是以逗号分隔的，请另存为以逗号分隔的 CSV。',
    en: 'The fields seem to be separated by something else than commas; save the file with commas.',
  },
  'file-twice': { zh: '表头“{heading}”出现两次。', en: 'The heading “{heading}” stands twice in the file.' },
  'file-one-column-twice': { zh: '有两个表头指同一列：{names}。', en: 'Two headings stand for one column: {names}.' },
  'file-own-list': {
    zh: '这是本系统的清单（{list}），所载事项已在记录中，不再导入。',
    en: 'This is a list of this system ({list}); what it holds is on record already and is not imported.',
  },
  'lines-above': {
    zh: '表头以上的第 {lines} 行不读。',
    en: 'lines {lines} above the headings are not read',
  },
  // rows
  'row-surplus': {
    zh: '这一行有 {fields} 个字段，表头有 {headings} 个',
    en: 'the row has {fields} fields, the heading has {headings}',
  },
  'row-short': {
    zh: '这一行有 {fields} 个字段，表头有 {headings} 个',
    en: 'the row has {fields} fields, the heading has {headings}',
  },
  'row-cut': {
    zh: '这一行有 {fields} 个字段，表头有 {headings} 个，而且文件到此没有换行：文件可能不完整',
    en: 'the row has {fields} fields, the heading has {headings}, and the file ends without a line end: it may have been cut off',
  },
  'row-heading': {
    zh: '这一行是重复的表头，不是一条记录，没有导入；可以从表里删去这一行',
    en: 'the headings stand here once more; this is no record and was not imported; the row can be deleted from the table',
  },
  'row-no-record': {
    zh: '“{text}”是合计或说明，不是一条记录，没有导入；可以从表里删去这一行',
    en: '“{text}” is a total or a remark, not a record, and was not imported; the row can be deleted from the table',
  },
  // cells
  'cell-error': {
    zh: '“{text}”是表格软件的错误值，原来的内容已经丢失，请填入原值',
    en: '“{text}” is a spreadsheet’s error, what stood there is lost; enter what it was',
  },
  'cell-blank-id': { zh: '编号为空', en: 'the id is blank' },
  'cell-blank-name': { zh: '单位名称为空', en: 'the unit’s name is blank' },
  'cell-blank-address': {
    zh: '地址为空；建筑以地址为准',
    en: 'the address is blank; a building is known by its address',
  },
  'cell-blank-time': { zh: '检查时间为空', en: 'the time of the inspection is blank' },
  'cell-blank-type': {
    zh: '检查类型为空，不知道属于哪个项目',
    en: 'the inspection type is blank, so its programme is not known',
  },
  'cell-blank-clause': {
    zh: '有隐患而条款为空；隐患以单位和条款为准',
    en: 'is blank, but the row has a hazard; a hazard is a clause at a unit',
  },
  'cell-blank-code': {
    zh: '写有违规内容，但条款为空',
    en: 'a violation is described, but its fire code is blank',
  },
  'cell-blank-choice': { zh: '为空；可填 {known}', en: 'is blank; it is one of {known}' },
  'cell-choice': { zh: '“{text}”不在可填的词之中：{known}', en: '“{text}” is not one of {known}' },
  'cell-either': {
    zh: '“{text}”在有的表里表示有隐患，在有的表里表示没有。请改填 有 或 无，或者注明 --answer {text}=ok 或 --answer {text}=problem',
    en: '“{text}” means “has a hazard” in one table and “in order” in the next: write 有 or 无, or say --answer {text}=ok or --answer {text}=problem',
  },
  'cell-track': {
    zh: '“{text}”不是专项；专项是 {known}',
    en: '“{text}” is not a track; they are {ids}, or {known}',
  },
  'cell-long': { zh: '{length} 个字符，最多 {most} 个', en: '{length} characters, at most {most}' },
  'cell-character': {
    zh: '有看不见的控制字符 {code}，请删去',
    en: 'holds a character that nobody sees, {code}; delete it',
  },
  'cell-unread': {
    zh: '有“�”（U+FFFD），是没有读出的字留下的，原来的字已经丢失，请填入原文',
    en: 'holds “�” (U+FFFD), which stands for a character that could not be read and is lost; enter what it was',
  },
  'cell-ditto': {
    zh: '“{text}”指的是上一行{others}，排序或筛选以后就不是了；请填写内容本身',
    en: '“{text}” means the row above{others}, and no longer does once the table is sorted or filtered; write what it stands for',
  },
  'cell-no-name': {
    zh: '“{text}”不是单位名称；请填单位的名称',
    en: '“{text}” is not the name of a unit; enter its name',
  },
  'cell-own-number': {
    zh: '“{text}”是本系统自己的编号，这一单位已在记录中；登记册的编号另填，或者留空',
    en: '“{text}” is a number of this system, whose unit is on record already; enter the register’s own number, or none',
  },
  // numbers that a spreadsheet has touched
  'number-science': {
    zh: `“{text}”是科学计数法，原来的数字已经丢失{others}；${AS_TEXT.zh}`,
    en: `“{text}” is in scientific notation, the original digits are lost{others}; ${AS_TEXT.en}`,
  },
  'number-rounded': {
    zh: `“{text}”的末位是 000，表格软件只保留 15 位，原来的数字已经丢失{others}；${AS_TEXT.zh}`,
    en: `“{text}” ends in 000, a spreadsheet keeps 15 digits, the original ones are lost{others}; ${AS_TEXT.en}`,
  },
  'number-date': {
    zh: `“{text}”是表格软件把 1-2 这样的编号变成的日期或时间{others}；${AS_TEXT.zh}`,
    en: `“{text}” is the date or time that a spreadsheet makes of a number such as 1-2{others}; ${AS_TEXT.en}`,
  },
  'number-grouped': {
    zh: `“{text}”有千分位的逗号，是表格软件显示的数{others}；${AS_TEXT.zh}`,
    en: `“{text}” has commas as a spreadsheet shows a quantity{others}; ${AS_TEXT.en}`,
  },
  'number-value': {
    zh: `“{text}”是表格软件的值或公式，不是编号{others}；${AS_TEXT.zh}`,
    en: `“{text}” is a value or a formula of a spreadsheet, not a number{others}; ${AS_TEXT.en}`,
  },
  'number-none': {
    zh: '“{text}”不是编号{others}；没有编号的，这一格请留空',
    en: '“{text}” is not a number{others}; where there is none, leave the cell blank',
  },
  // dates
  'date-unreadable': {
    zh: `“{text}”不是日期或时间；可以写 ${DATES}`,
    en: `“{text}” is not a date or a time; written are ${DATES}`,
  },
  'date-day-number': {
    zh: `“{text}”是表格软件的日期序号（从 1900 年起算是 {day}），另一种算法相差四年；请把这一列设为日期格式，写成 ${DATES}`,
    en: `“{text}” is a day number of a spreadsheet (counted from 1900 it is {day}), and there are two ways of counting, four years apart; format the column as a date, written ${DATES}`,
  },
  'date-year': {
    zh: `“{text}”不是日期或时间：分不清哪个是年、月、日，年份请写在前面，四位；可以写 ${DATES}`,
    en: `“{text}” is not a date or a time: which is the year, the month, the day? The year stands first, with four digits; written are ${DATES}`,
  },
  'date-no-day': {
    zh: `“{text}”不是日期或时间：没有日；可以写 ${DATES}`,
    en: `“{text}” is not a date or a time: it has no day; written are ${DATES}`,
  },
  'date-no-such-day': {
    zh: `“{text}”不是日期或时间：没有这一天；可以写 ${DATES}`,
    en: `“{text}” is not a date or a time: there is no such day; written are ${DATES}`,
  },
  'date-no-such-time': {
    zh: `“{text}”不是日期或时间：没有这个时刻（0:00 至 23:59，上午 0:00 至 11:59，下午 1:00 起）；可以写 ${DATES}`,
    en: `“{text}” is not a date or a time: there is no such time of day (0:00 to 23:59; 上午 0:00 to 11:59, 下午 from 1:00); written are ${DATES}`,
  },
  'date-span': {
    zh: `“{text}”不是日期或时间，是一段时间；请写一天，可以写 ${DATES}`,
    en: `“{text}” is not a date or a time but a span; write one day, as ${DATES}`,
  },
  'date-too-early': {
    zh: '“{text}”早于 2000-01-01；这样的年份是表格软件误读出来的，请核对',
    en: '“{text}” is before 2000-01-01; a spreadsheet makes such years by mistake, check it',
  },
  'date-due': {
    zh: '整改期限“{text}”是数字或日期，却没有这一天；请写成 2025-05-20 这样的日期，或者写成文字（如 7日内）',
    en: 'the rectification period “{text}” is a number or a date, but there is no such day; write a date such as 2025-05-20, or words (7日内)',
  },
  'date-future': {
    zh: '“{text}”还没有到，请核对；没有发生的请留空',
    en: '“{text}” has not come yet, check it; leave blank what has not happened',
  },
  'sign-off-future': {
    zh: '销项时间 {at} 还没有到：检查已经导入，销项没有导入',
    en: 'the sign-off, at {at}, has not come yet: the inspection is in, its sign-off is not',
  },
  'sign-off-closed': {
    zh: '隐患 {hazard}（{clause}）在册的销项时间是 {at}，这里的 {here} 没有记录；在册的有误，请在平台上更正',
    en: 'hazard {hazard} ({clause}) is closed on record, signed off at {at}; the sign-off at {here} is not recorded; if the record is wrong, correct it on the platform',
  },
  'recurred-same-time': {
    zh: '隐患 {hazard}（{clause}）的销项与另一次检查的所见同在 {at}，先后无法判断：按销项后又出现（隐患回潮）记录，隐患未闭环；请核实先后',
    en: 'hazard {hazard} ({clause}): a sign-off and what another inspection saw are both at {at}, and which came first cannot be told; it is recorded as a recurrence after the sign-off, and the hazard is open; check which came first',
  },
  'sign-off-not-seen-yet': {
    zh: '隐患 {hazard}（{clause}）在册的最早所见是 {at}，晚于这里的销项时间 {here}：没有销项，隐患仍未闭环',
    en: 'hazard {hazard} ({clause}) is on record as seen at {at} at the earliest, after this sign-off, {here}: it is not signed off and stays open',
  },
  'sign-off-acted-on': {
    zh: '隐患 {hazard}（{clause}）正在平台上办理，导入的销项时间 {here} 没有记录；请在平台上提交、复查、销项',
    en: 'hazard {hazard} ({clause}) is being dealt with on the platform; the sign-off at {here} is not recorded; submit, verify and sign it off there',
  },
  'date-foreign': {
    zh: '“{text}”不是日期或时间；可以写 {known}',
    en: '“{text}” is not a date or a time; written are {known}',
  },
  'date-due-before': {
    zh: '整改期限“{text}”早于检查时间',
    en: 'the rectification period ends before the inspection, on “{text}”',
  },
  'date-due-far': {
    zh: '整改期限“{text}”比检查时间晚 {most} 年以上，请核对年份',
    en: 'the rectification period ends more than {most} years after the inspection, on “{text}”; check the year',
  },
  'date-order': { zh: '“{text}”早于它之前的步骤', en: '“{text}” is before what it follows' },
  'date-closed-before': {
    zh: '档案在立案（{opened}）以前就已结案（{closed}）',
    en: 'the file was closed ({closed}) before it was opened ({opened})',
  },
  'sign-off-needs': {
    zh: '为空，但隐患已经销项；销项须先整改、复查通过',
    en: 'is blank, but the hazard is signed off; a sign-off needs a rectification and a passed verification',
  },
  'sign-off-nothing': {
    zh: '填了销项时间，但这一行没有隐患',
    en: 'is given, but the row has no hazard to sign off',
  },
  // who a row is about
  'area-unknown': {
    zh: '“{text}”不是一个组织的编号或名称；请填编号（如 village-01）或{known}',
    en: '“{text}” is not the id or the name of one organisation; enter its id (e.g. village-01) or {known}',
  },
  'same-number-names': {
    zh: '同一编号“{number}”有不同的单位名称：{values}；请核对编号和名称',
    en: 'one number, “{number}”, has different names: {values}; check number and names',
  },
  'same-unit-areas': {
    zh: '同一单位有不同的所属村居：{values}；请统一，它决定由谁负责',
    en: 'one unit has different areas: {values}; it decides who answers, so write one',
  },
  'numbers-alike': {
    zh: `编号只差大小写、全半角、撇号或前面的零：{values}；不知道是不是同一个，${AS_TEXT.zh}；几个编号都对的请加 --alike apart`,
    en: `numbers differ only by letter case, width, an apostrophe or zeros in front: {values}; nobody knows whether they are one, ${AS_TEXT.en}; if all of them are right, import with --alike apart`,
  },
  'inspection-numbers-alike': {
    zh: `检查编号只差大小写、全半角、撇号或前面的零：{values}；不知道是不是同一次检查，${AS_TEXT.zh}`,
    en: `numbers of inspections differ only by letter case, width, an apostrophe or zeros in front: {values}; nobody knows whether they are one, ${AS_TEXT.en}`,
  },
  'spelt-alike': {
    zh: `名称和地址读来一样，写法不同：{values}；{advice}`,
    en: `name and address read alike and are written differently: {values}; {advice}`,
  },
  'address-missing': {
    zh: `名称相同，有的行没有地址：{values}；请补上地址，{advice}`,
    en: `the same name, and some rows have no address: {values}; add the address, {advice}`,
  },
  'number-missing': {
    zh: `名称和地址相同，有的行有编号，有的没有：{values}；请补上编号，{advice}`,
    en: `the same name and address, and some rows have a number, some have none: {values}; add the number, {advice}`,
  },
  'inspection-differs': {
    zh: '检查“{number}”在各行的时间或方式不同：{values}',
    en: 'inspection {number} has another time or mode: {values}',
  },
  'inspection-elsewhere': {
    zh: '检查 {number} 在文件别处是 {other}，这里是 {here}',
    en: 'inspection {number} is on {other} elsewhere in the file, here on {here}',
  },
  'item-twice': {
    zh: '同一次检查中检查项“{item}”有不同的回答：{values}',
    en: 'item “{item}” is answered twice in this inspection, differently: {values}',
  },
  'inspection-items': {
    zh: '一次检查最多 {most} 项，这次有 {count} 项',
    en: 'an inspection may have {most} items, this has {count}',
  },
  'inspection-hazards': {
    zh: '一次检查最多 {most} 处隐患，这次有 {count} 处',
    en: 'an inspection may find {most} hazards at most, this has {count}',
  },
  // how the command was used
  'use-help': { zh: '用法见 daocha import --help。', en: 'See daocha import --help.' },
  'use-no-file': { zh: '请写明要导入的文件。', en: 'Name the file to import.' },
  'use-one-file': { zh: '一次导入一个文件，“{file}”多了。', en: 'One file at a time; “{file}” is one too many.' },
  'use-no-source': {
    zh: '请用 --source 写明是哪种登记册：{names}。',
    en: 'Say what register the file is: --source with one of {names}.',
  },
  'use-source': { zh: '没有“{given}”这种登记册；可以是 {names}。', en: '“{given}” is not a source; they are {names}.' },
  'use-choice': {
    zh: '--{name} 可以是 {choices}，不能是“{given}”。',
    en: '--{name} is one of {choices}, not “{given}”.',
  },
  'use-number': {
    zh: '--{name} 是 1 至 {most} 的整数，不能是“{given}”。',
    en: '--{name} is a whole number from 1 to {most}, not “{given}”.',
  },
  'use-answer': {
    zh: '--answer 写一个词和它的意思，√=ok 或 √=problem，不能是“{given}”。',
    en: '--answer is a word and what it means, √=ok or √=problem, not “{given}”.',
  },
  'use-answer-known': {
    zh: '--answer：“{word}”的意思已定，是 {known}。',
    en: '--answer: “{word}” means {known} already.',
  },
  'use-not-here': { zh: '--{name} 只用于 daocha-csv。', en: '--{name} is for daocha-csv alone.' },
  'use-missing-file': { zh: '没有 {file} 这个文件。', en: 'There is no file {file}.' },
  'use-unreadable-file': { zh: '{file} 不能读取：{why}。', en: '{file} cannot be read: {why}.' },
  'use-no-such-file': { zh: '{file} 不是文件。', en: '{file} is not a file.' },
  // the platform as a whole
  'api-again': {
    zh: '已得到答复的都已记录；再导入一次，即从断处继续。',
    en: 'What was answered is recorded; run the import again to go on.',
  },
  'api-stopped': {
    zh: '已停止。已得到答复的都已记录；再导入一次，即从断处继续。',
    en: 'Stopped. What was answered is recorded; run the same import again to go on.',
  },
  'api-token': {
    zh: '{api} 不接受这个令牌：{said}。请用 --token 或 DAOCHA_TOKEN 给出令牌；在本机：daocha token --role importer',
    en: '{api} does not accept the token: {said}. Give one with --token or DAOCHA_TOKEN; locally: daocha token --role importer',
  },
  'api-role': {
    zh: '这个令牌不能导入：{said}。需要 importer 角色。',
    en: 'The token does not allow importing: {said}. It needs the role importer.',
  },
  'api-none': {
    zh: '{api} 没有导入功能（HTTP 404）。这是倒查平台的地址吗？',
    en: '{api} has no imports (HTTP 404). Is it the address of a daocha platform?',
  },
  'api-silent': {
    zh: '{api} 没有回应（{why}）。平台在运行吗？npm start',
    en: '{api} does not answer ({why}). Is the platform running? npm start',
  },
  // what the platform answered
  'unit-looks-like': {
    zh: '这一单位没有编号，读来与在册的 {units} 一样，没有登记；是同一家请填在册的编号或在平台上办理，不是同一家请加 --alike apart',
    en: 'the unit has no number and reads like {units} on record, so it was not registered; if it is that one, go on with it on the platform, if it is another, import with --alike apart',
  },
  'number-looks-like': {
    zh: `编号“{number}”与在册的 {units} 的编号相同，或者只差大小写、全半角、撇号或前面的零，没有登记；是同一家请按在册的编号填写，是另一家请核对编号，两个编号都对再加 --alike apart`,
    en: `number “{number}” is that of {units} on record, or differs from it only by letter case, width, an apostrophe or zeros in front, so the unit was not registered; if it is that one, write the number as it is on record; if it is another, check the number, and only when both are right import with --alike apart`,
  },
  'note-similar': {
    zh: '已登记；在册的 {units} 名称或地址与它相同，请核对是不是同一家',
    en: 'registered; {units} on record has the same name or address, check whether it is the same',
  },
  'unit-differs': {
    zh: '编号“{number}”在册的是 {unit}（{known}），这里是“{here}”，这一编号的各行都没有导入；编号填错的请改正，单位改了名或换了村居的，请先在平台上更正再导入',
    en: 'number “{number}” is on record as {unit} ({known}), here it is “{here}”, so no row of it went in; correct the number if it is wrong; if the unit has another name or area now, correct it on the platform first and import again',
  },
  'unit-not-registered': {
    zh: '单位没有登记成，见第 {line} 行',
    en: 'its unit was not registered, see line {line}',
  },
  'recorded-otherwise': {
    zh: '以前记录过，内容不同，以记录为准；差别请另行更正',
    en: 'recorded before with other content, which stands; record the difference by hand',
  },
  'refused-by-platform': {
    zh: '平台没有说明原因',
    en: 'refused by the platform without a reason',
  },
  'visit-future': {
    zh: '检查时间 {at} 还没有到，请核对',
    en: 'the time of the inspection, {at}, has not come yet; check it',
  },
  // notes: the row went in
  'note-dropped': {
    zh: '记录的是“{kept}”，这一行的“{dropped}”没有记录',
    en: 'kept is “{kept}”; “{dropped}” of this row is not recorded',
  },
  'note-unreadable': {
    zh: '“{dropped}”不是以度表示的坐标，这一行不带位置导入',
    en: '“{dropped}” is not a position in degrees; the row goes in without one',
  },
  'note-half-position': {
    zh: '经纬度只有一个，这一行不带位置导入',
    en: 'one of latitude and longitude is blank; the row goes in without a position',
  },
  'note-characters': {
    zh: '看不见的控制字符 {code} 改为空格',
    en: 'the control character {code} became a blank',
  },
  'note-unread': {
    zh: '没有读出的字“�”（{code}）改为空格，原来的字已经丢失',
    en: '“�” ({code}), which stands for a character that could not be read, became a blank; what stood there is lost',
  },
  'note-clause-alike': {
    zh: '条款“{clause}”与“{other}”只差数字前的零，按两个条款记；是同一条款的，请统一写法',
    en: 'clause “{clause}” differs from “{other}” by zeros only and is recorded as another one; if it is the same, write it one way',
  },
  'note-signed-off-elsewhere': {
    zh: '条款“{clause}”在第 {line} 行已于 {at} 销项，晚于这一行的检查：按那一行销项，隐患已闭环',
    en: 'clause “{clause}” is signed off by line {line}, at {at}, after the inspection of this row: the hazard is closed by that line',
  },
  'note-open-elsewhere': {
    zh: '第 {own} 行的条款“{clause}”在检查的同时（{at}）销项，同一次检查的第 {line} 行没有销项：第 {own} 行的销项没有记录，隐患未按它闭环；两行的时间请核对',
    en: 'line {own} signs off clause “{clause}” at the time of its inspection, {at}, and line {line} of the same inspection does not: the sign-off on line {own} is not recorded and closes nothing; check both lines',
  },
  'note-item-twice': {
    zh: '检查项“{kept}”与第 {line} 行完全相同，记一次',
    en: 'item “{kept}” is the same as on line {line}; it is recorded once',
  },
} as const satisfies Record<string, { zh: string; en: string }>;

/** What a file is that cannot be read. */
export const FORMATS = {
  'utf-16-le': { zh: 'UTF-16（小端）', en: 'UTF-16 (little endian)' },
  'utf-16-be': { zh: 'UTF-16（大端）', en: 'UTF-16 (big endian)' },
  'utf-16-le-bare': {
    zh: 'UTF-16（小端，没有字节顺序标记）',
    en: 'UTF-16 (little endian, without byte order mark)',
  },
  'utf-16-be-bare': { zh: 'UTF-16（大端，没有字节顺序标记）', en: 'UTF-16 (big endian, without byte order mark)' },
  'utf-32-le': { zh: 'UTF-32（小端）', en: 'UTF-32 (little endian)' },
  'utf-32-be': { zh: 'UTF-32（大端）', en: 'UTF-32 (big endian)' },
  xlsx: { zh: 'Excel 工作簿（.xlsx）或其他 ZIP 文件', en: 'an Excel workbook (.xlsx) or another ZIP file' },
  xls: { zh: '旧版 Excel 工作簿（.xls）', en: 'an old Excel workbook (.xls)' },
  gb18030: {
    zh: 'GB18030，只有生僻字（四字节），不足以断定；也可以注明 --encoding gbk',
    en: 'GB18030 with rare characters (of four bytes), too few others to be sure; --encoding gbk reads it',
  },
  'windows-1252': { zh: '可能是 Windows-1252（Latin-1）', en: 'probably Windows-1252 (Latin-1)' },
  other: {
    zh: '不是 UTF-8 或 GBK（可能是 Big5、Shift_JIS 或 EUC-KR）',
    en: 'neither UTF-8 nor GBK (perhaps Big5, Shift_JIS or EUC-KR)',
  },
} as const satisfies Record<string, Said>;

export type MessageKey = keyof typeof MESSAGES;
/** What is filled in; where it is in words, in both languages. */
export type MessageFacts = Readonly<Record<string, string | number | Said>>;
interface Said {
  zh: string;
  en: string;
}

/** The sentence in both languages, Chinese first. */
export function say(key: MessageKey, facts: MessageFacts = {}): string {
  const { zh, en } = MESSAGES[key];
  return `${filled(zh, facts, 'zh')} ${filled(en, facts, 'en')}`;
}

/** The error that refuses a whole file. */
export function fileRefused(key: MessageKey, facts: MessageFacts = {}, details: ErrorDetails = {}): InvalidInput {
  return new InvalidInput(say(key, facts), details);
}

/** A cell may be long; a sentence shows its beginning. */
const SHOWN = 700;

function filled(sentence: string, facts: MessageFacts, language: keyof Said): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const fact = new Map(Object.entries(facts)).get(name);
    if (fact === undefined) throw new Error(`The sentence “${sentence}” needs ${name}.`);
    return cutText(typeof fact === 'object' ? fact[language] : String(fact), SHOWN);
  });
}

/** An instant as the town's clocks show it; a day alone where it is its midnight, which is how a date without a time is read. */
export const shownAt = (instant: string): string => townMinute(instant).replace(/ 00:00$/, '');

/** `2, 3, 5` of at most ten lines. */
export function lineNumbers(lines: readonly number[]): string {
  const shown = [...new Set(lines)].toSorted((a, b) => a - b);
  return `${shown.slice(0, 10).join(', ')}${shown.length > 10 ? ' …' : ''}`;
}
