/** Words of the page of conflict checks. */
export const conflictsZh = {
  title: '冲突检查', intro: '拟建道路、管线或项目开工之前，先与一张图比对。只看您有权查看的内容，不保存方案，每次检查都写入审计记录。',
  kind: { label: '方案类型', road: '道路', pipe: '管线', project: '项目' }, way: { label: '方案来源', draw: '在图上绘制', file: '上传文件' },
  width: '红线宽度（m）', diameter: '管径（mm）', medium: '介质', depth: '管顶埋深（m，可不填）', useCode: '用地代码（可不填）', height: '建筑高度（m，可不填）', foundation: '基础埋深（m，可不填）', on: '按此日生效的内容比对',
  mediums: { water: '给水', sewage: '污水', storm_water: '雨水', gas: '燃气', heat: '热力', electricity: '电力', telecom: '通信' },
  draw: { start: '开始绘制', again: '重新绘制', line: '在图上依次点击，画出中心线。', area: '在图上依次点击，画出用地边界。', points: '已画 {count} 点', undo: '撤销一点', finish: '完成', clear: '清除', hintNone: '还没有绘制' },
  file: { choose: '选择文件', hint: 'GeoJSON、GeoPackage、Shapefile（各文件一起选，或打包成 ZIP）等，合计不超过 32 MiB。', crs: '坐标系（文件未注明时填写，如 EPSG:4525）', chosen: '已选 {names}' },
  check: '检查', checking: '正在检查', emptyTitle: '画出或上传方案，再按“检查”', emptyText: '结果给出每处冲突的面积或长度、依据的规则与要素、以及能减少冲突的改动。',
  none: '没有发现冲突', noneText: '仅指一张图上已有、且您有权查看的内容；未提供的图层不等于没有。', found: '{count} 处冲突', listed: '列出前 {shown} 处，地图上全部显示', list: '冲突清单', version: '一张图第 {version} 版，{on} 生效，规则 {rules} 版',
  subject: '方案：{area}，长 {length}', subjectArea: '方案：{area}', outside: '不在任何一个之内', document: '文号 {document}', withFeature: '{layer} {name}', overlap: '重叠 {area}（{mu}）', length: '长 {length}',
  clearance: { horizontal: '水平净距 {have} m，应不小于 {need} m', vertical: '垂直净距 {have} m，应不小于 {need} m', planViewOnly: '埋深不明，仅按平面判断' },
  classes: '方案为 {mine}，图上为 {theirs}', heights: '方案高 {height} m，限高 {most} m',
  suggestion: {
    title: '改动建议', none: '在搜索范围内没有找到更好的改动', cost: '冲突代价降 {share}', clear: '不再有冲突', length: '长度 {delta} m', area: '占地 {delta} m²', moved: '最大移动 {distance}', radius: '最小转弯半径 {radius}', show: '在图上显示', shown: '图上绿线', search: '步长 {step} m，范围 {reach} m', remains: '仍有：{what}', exact: '在范围内的精确裁剪',
    change: { shift: '整体平移（平行）', reroute: '改线（起终点不变）', translate: '整体移位', trim: '缩减用地' },
  },
  reserve: '留白用地占规划建设用地 {share}，要求不低于 {rate}；按此方案占用 {used} 后为 {after}。', reserveLow: '低于要求',
  notes: '说明', withheldRegion: '方案有一部分不在您的可见地区内，那里有无内容均未比对。', save: '下载结果（GeoJSON）', legend: { label: '图例', plan: '方案', conflict: '冲突', suggestion: '建议' },
  layer: { 'control-lines': '控制线', permits: '许可', parcels: '宗地', zoning: '规划分区', 'land-use-plan': '规划用地', 'land-survey': '地类图斑', project: '项目', road: '道路', pipe: '管线', 'strategic-reserve': '战略留白', 'master-plan': '总体规划', 'detailed-plan': '详细规划', 'special-plan': '专项规划', 'forest-land': '林地', building: '建筑', plans: '规划' },
  kinds: {
    control_line: '占用控制线', outside_boundary: '超出开发边界', zoning: '规划分区不符', permit: '与已批用地重叠', land_use: '用地性质不符', height: '超过限高', plan: '与其他规划重叠', reserved_corridor: '侵入预留廊道', strategic_reserve: '占用留白', detailed_against_master: '详规与总规不一致', red_line_without_rules: '红线内缺管制规则', class_disagreement: '部门分类不一致', parcel: '进入宗地', pipe_crossing: '管线交叉', pipe_clearance: '管线净距不足', pipe_foundation: '管线与建筑过近',
  },
  note: {
    'width-assumed': '方案未注明宽度，按 {width_m} m 计。', 'layer-unknown': '从未提供“{layer}”图层，无从判断。', 'no-feature-known': '图上没有城镇开发边界，未判断是否在其外。', truncated: '共 {conflicts} 处冲突，列出最重的 {listed} 处。', 'suggestion-none': '在搜索范围内没有找到更好的改动。', 'suggestion-not-sought': '部分方案未寻找改动建议。', 'depth-unknown': '{subjects} 条管线埋深不明，仅按平面判断。', clipped: '方案有一部分超出可见地区，未比对。',
  },
}

export const conflictsEn: typeof conflictsZh = {
  title: 'Conflict check', intro: 'Set a planned road, pipe or project against the map before anything is built. Only what you may see is looked at; plans are not stored, and every check goes on the record.',
  kind: { label: 'What is planned', road: 'Road', pipe: 'Pipe', project: 'Project' }, way: { label: 'Where it comes from', draw: 'Draw on the map', file: 'Upload a file' },
  width: 'Width (m)', diameter: 'Diameter (mm)', medium: 'Medium', depth: 'Depth to the top (m, optional)', useCode: 'Land-use code (optional)', height: 'Height (m, optional)', foundation: 'Foundation depth (m, optional)', on: 'Against what is in force on',
  mediums: { water: 'Water', sewage: 'Sewage', storm_water: 'Storm water', gas: 'Gas', heat: 'Heat', electricity: 'Electricity', telecom: 'Telecom' },
  draw: { start: 'Start drawing', again: 'Draw again', line: 'Click along the centre line on the map.', area: 'Click along the outline on the map.', points: '{count} point[s]', undo: 'Undo a point', finish: 'Finish', clear: 'Clear', hintNone: 'Nothing drawn yet' },
  file: { choose: 'Choose files', hint: 'GeoJSON, GeoPackage, Shapefile (all its files together, or zipped) and others, at most 32 MiB.', crs: 'CRS, where the file does not say, e.g. EPSG:4525', chosen: 'Chosen: {names}' },
  check: 'Check', checking: 'Checking', emptyTitle: 'Draw or upload a plan, then press Check', emptyText: 'You get the area or length of each conflict, the rule and feature behind it, and changes that make it less.',
  none: 'No conflicts found', noneText: 'As far as the map holds it and you may see it; a layer that nobody gave is not an empty one.', found: '{count} conflict[s]', listed: 'The first {shown} are listed; the map shows all', list: 'Conflicts', version: 'Map version {version}, in force on {on}, rules {rules}',
  subject: 'Plan: {area}, {length} long', subjectArea: 'Plan: {area}', outside: 'outside of all of them', document: 'Document {document}', withFeature: '{layer} {name}', overlap: 'Overlap {area} ({mu})', length: '{length} long',
  clearance: { horizontal: '{have} m apart, at least {need} m asked', vertical: '{have} m between, at least {need} m asked', planViewOnly: 'Depth unknown: seen from above only' },
  classes: 'Planned {mine}, on the map {theirs}', heights: '{height} m high, {most} m allowed',
  suggestion: {
    title: 'Suggested changes', none: 'Nothing better within reach', cost: '{share} less conflict', clear: 'No conflict left', length: 'Length {delta} m', area: 'Ground {delta} m²', moved: 'Moves at most {distance}', radius: 'Least radius {radius}', show: 'Show on the map', shown: 'Green on the map', search: 'Step {step} m, reach {reach} m', remains: 'Left: {what}', exact: 'Cut exactly',
    change: { shift: 'Parallel shift', reroute: 'Another way, same ends', translate: 'Moved as a whole', trim: 'Trimmed' },
  },
  reserve: 'Strategic reserve is {share} of planned construction land, at least {rate} is asked; with {used} of it built on it is {after}.', reserveLow: 'below what is asked',
  notes: 'Notes', withheldRegion: 'Part of the plan is outside your regions; whether anything lies there was not looked at.', save: 'Download (GeoJSON)', legend: { label: 'Legend', plan: 'Plan', conflict: 'Conflict', suggestion: 'Suggestion' },
  layer: { 'control-lines': 'Control line', permits: 'Permit', parcels: 'Parcel', zoning: 'Zone', 'land-use-plan': 'Planned land use', 'land-survey': 'Survey class', project: 'Project', road: 'Road', pipe: 'Pipe', 'strategic-reserve': 'Strategic reserve', 'master-plan': 'Master plan', 'detailed-plan': 'Detailed plan', 'special-plan': 'Special plan', 'forest-land': 'Forest land', building: 'Building', plans: 'Plans' },
  kinds: {
    control_line: 'On a control line', outside_boundary: 'Outside the boundary', zoning: 'Wrong zone', permit: 'On approved ground', land_use: 'Other land use', height: 'Too high', plan: 'On another plan', reserved_corridor: 'In a reserved corridor', strategic_reserve: 'On the reserve', detailed_against_master: 'Detailed against master plan', red_line_without_rules: 'Red line without rules of use', class_disagreement: 'Departments disagree', parcel: 'In a parcel', pipe_crossing: 'Pipes cross', pipe_clearance: 'Pipes too near', pipe_foundation: 'Pipe too near a building',
  },
  note: {
    'width-assumed': 'The plan states no width; {width_m} m were assumed.', 'layer-unknown': 'Nobody ever gave the layer {layer}; nothing can be said of it.', 'no-feature-known': 'The map holds no urban development boundary; lying outside was not judged.', truncated: '{conflicts} conflict[s] in all; the gravest {listed} are listed.', 'suggestion-none': 'Nothing better within reach.', 'suggestion-not-sought': 'For some plans no change was sought.', 'depth-unknown': 'The depth of {subjects} pipes is unknown: seen from above only.', clipped: 'Part of the plan is outside your regions and was not looked at.',
  },
}
